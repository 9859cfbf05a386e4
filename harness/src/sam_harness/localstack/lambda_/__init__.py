"""Lambda's execution environments as supervised processes of awslambdaric.

Only ``executor`` knows LocalStack; the rest runs without it.
"""
