"""SAM and CloudFormation templates: read, translate, resolve; all offline.

Nothing here calls AWS, and nothing knows LocalStack or the stack that is deployed.
"""
