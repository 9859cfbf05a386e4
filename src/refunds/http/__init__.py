"""API Gateway's requests and responses: read, validated, paged and written.

It may import the domain. AWS clients and the stored form of a refund stay out.
"""
