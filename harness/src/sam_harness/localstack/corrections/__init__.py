"""What is put right where LocalStack differs from AWS, by service.

What AWS refuses of a request is a line of ``refusals``, whatever the service is; what
CloudFormation does with a type of resource one of ``cloudformation_resources``.
What is only faster belongs to sam_harness.localstack.speed. ``dynamodb`` and
``partiql`` import moto only, as unit tests use them too.
"""
