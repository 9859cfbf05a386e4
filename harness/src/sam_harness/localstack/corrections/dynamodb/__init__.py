"""Where DynamoDB, as LocalStack and moto have it, differs from AWS's.

``moto_backend`` corrects moto and is enough for unit tests; ``provider`` and
``streams`` stand before it in LocalStack; the rest is rules, which import neither.
"""
