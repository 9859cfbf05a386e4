"""Makes the artefact of a SAM template: the same one for LocalStack and for AWS.

Nothing here talks to AWS or knows LocalStack; what deploys comes in ``deploying``.
"""
