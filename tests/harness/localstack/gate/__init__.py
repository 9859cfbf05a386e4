"""The IAM gate: no call by a role or a service passes that its policies do not allow.

``handler`` asks, ``answers`` listens; the rest knows nothing of LocalStack and is given
boto3 clients, so that it can be tested without.
"""
