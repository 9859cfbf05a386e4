"""Stacks: what CloudFormation refuses, and whether all of a template is really there.

``install`` alone knows LocalStack; the others need the standard library only.
"""
