"""API Gateway's management: the HTTP method on the path of the request.

And calls of REST APIs whose methods ask for IAM: the resource is the method's ARN.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from collections.abc import Iterable
from urllib.parse import quote

from sam_harness.iam.call import Authorization, Call, MissingResource, by, rules
from sam_harness.iam.service import ResourceType, Service


def _request(call: Call) -> Iterable[Authorization]:
    """Need the method on the path; what has tags is known by their ARN, in one part."""
    if not call.path:
        raise MissingResource(f"apigateway:{call.operation} without a path")
    path = call.path
    if path.startswith("/tags/"):
        path = "/tags/" + quote(path.removeprefix("/tags/"), safe="")
    resource = f"arn:{call.partition}:apigateway:{call.region}::{path}"
    yield Authorization(f"apigateway:{call.method}", resource)


SERVICE = Service(
    name="apigateway",
    more_prefixes=("execute-api",),
    other_rule=_request,
    types={
        "AWS::ApiGateway::RestApi": ResourceType(
            "apigateway:{region}::/restapis/{name}"
        ),
        "AWS::ApiGateway::Stage": ResourceType(name="StageName"),
        "AWS::ApiGatewayV2::Api": ResourceType("apigateway:{region}::/apis/{name}"),
        "AWS::ApiGatewayV2::Stage": ResourceType(name="StageName"),
    },
)
EXECUTE_API = Service(
    name="execute-api", rules=rules("execute-api", {by("Arn"): "Invoke"})
)
