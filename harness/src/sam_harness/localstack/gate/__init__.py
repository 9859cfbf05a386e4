"""The IAM gate: no call by a role or a service passes that its policies do not allow.

Only ``handler`` knows LocalStack; the rest is given boto3 clients, so that it can be
tested without. How AWS decides belongs to sam_harness.iam.
"""
