"""IAM offline: decides requests by policies, and says what an API call needs.

`services` has one file per AWS service. Standard library only, and nothing of
LocalStack, boto3 or pytest: the gate imports this inside the emulator's process.
"""
