"""What runs inside LocalStack: process executor, DynamoDB provider, corrections.

LocalStack finds the pieces through ``entry_points.txt``. They run in LocalStack's own
environment, so they import nothing that is not there.
"""
