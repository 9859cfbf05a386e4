"""What is put right where LocalStack differs from AWS: one file per service.

What is only faster belongs to sam_harness.localstack.speed. ``dynamodb`` and
``partiql`` import moto only, as unit tests use them too.
"""
