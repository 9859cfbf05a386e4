"""Calls of REST APIs whose methods ask for IAM: the resource is the method's ARN.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from sam_harness.iam.call import by, rules
from sam_harness.iam.service import Service

SERVICE = Service(name="execute-api", rules=rules("execute-api", {by("Arn"): "Invoke"}))
