"""Stacks: what CloudFormation refuses, and whether all of a template is really there.

``install`` and ``watching`` know LocalStack; the others only the standard library.
"""
