"""Brings artefacts into an account through CloudFormation, and a stack back.

The same code serves LocalStack and AWS: nothing here knows which one answers.
"""
