"""What CloudFormation and CodeDeploy need, and whether their roles may do it; offline.

Decided from two templates: the one that is deployed, and the one of the roles that
deploy it.
"""
