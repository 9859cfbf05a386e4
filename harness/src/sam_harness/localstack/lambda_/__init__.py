"""Lambda's execution environments as supervised processes of awslambdaric.

Only ``executor`` and ``unpacking`` know LocalStack; the rest runs without it.
"""
