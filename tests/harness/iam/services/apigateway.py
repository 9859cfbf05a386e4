"""API Gateway's management: the HTTP method on the path of the resource.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from harness.iam.call import Call, ResourceOf, Rule, add_tags, rule
from harness.iam.service import ResourceType, Service

# What is created, listed, deleted, read and updated under this path, and its name.
_REGULAR = """\
/apikeys/{apiKey} ApiKey
/domainnames/{domainName} DomainName
/domainnames/{domainName}/basepathmappings/{basePath} BasePathMapping
/restapis/{restApiId} RestApi
/restapis/{restApiId}/authorizers/{authorizerId} Authorizer
/restapis/{restApiId}/deployments/{deploymentId} Deployment
/restapis/{restApiId}/documentation/parts/{documentationPartId} DocumentationPart
/restapis/{restApiId}/documentation/versions/{documentationVersion} DocumentationVersion
/restapis/{restApiId}/models/{modelName} Model
/restapis/{restApiId}/requestvalidators/{requestValidatorId} RequestValidator
/restapis/{restApiId}/stages/{stageName} Stage
/usageplans/{usagePlanId} UsagePlan
/vpclinks/{vpcLinkId} VpcLink
"""
# A path, then below it METHOD:Operation of its other operations; "*" stands for
# DELETE:Delete..., GET:Get..., PATCH:Update... and PUT:Put...
_OTHERS = """\
/account
    GET:GetAccount PATCH:UpdateAccount
/apikeys
    POST:ImportApiKeys
/clientcertificates
    POST:GenerateClientCertificate GET:GetClientCertificates
/clientcertificates/{clientCertificateId}
    DELETE:DeleteClientCertificate GET:GetClientCertificate
    PATCH:UpdateClientCertificate
/restapis
    POST:ImportRestApi
/restapis/{restApiId}
    PUT:PutRestApi
/restapis/{restApiId}/authorizers/{authorizerId}
    POST:TestInvokeAuthorizer
/restapis/{restApiId}/documentation/parts
    PUT:ImportDocumentationParts
/restapis/{restApiId}/gatewayresponses
    GET:GetGatewayResponses
/restapis/{restApiId}/gatewayresponses/{responseType}
    *:GatewayResponse
/restapis/{restApiId}/models/{modelName}/default_template
    GET:GetModelTemplate
/restapis/{restApiId}/resources
    GET:GetResources
/restapis/{restApiId}/resources/{parentId}
    POST:CreateResource
/restapis/{restApiId}/resources/{resourceId}
    DELETE:DeleteResource GET:GetResource PATCH:UpdateResource
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}
    *:Method POST:TestInvokeMethod
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration
    *:Integration
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration/responses/{statusCode}
    *:IntegrationResponse
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/responses/{statusCode}
    *:MethodResponse
/restapis/{restApiId}/stages/{stageName}/cache/authorizers
    DELETE:FlushStageAuthorizersCache
/restapis/{restApiId}/stages/{stageName}/cache/data
    DELETE:FlushStageCache
/restapis/{restApiId}/stages/{stageName}/exports/{exportType}
    GET:GetExport
/restapis/{restApiId}/stages/{stageName}/sdks/{sdkType}
    GET:GetSdk
/sdktypes
    GET:GetSdkTypes
/sdktypes/{id}
    GET:GetSdkType
/tags/{resourceArn}
    GET:GetTags PUT:TagResource DELETE:UntagResource
/usageplans/{usagePlanId}/keys
    POST:CreateUsagePlanKey GET:GetUsagePlanKeys
/usageplans/{usagePlanId}/keys/{keyId}
    DELETE:DeleteUsagePlanKey GET:GetUsagePlanKey
/usageplans/{usagePlanId}/keys/{keyId}/usage
    PATCH:UpdateUsage
/usageplans/{usagePlanId}/usage
    GET:GetUsage
"""
_PARAMETER = re.compile(r"\{(\w+)\}")
_VERBS = {"DELETE": "Delete", "GET": "Get", "PATCH": "Update"}


def _at(path: str) -> ResourceOf:
    def resource_of(call: Call) -> str:
        filled = _PARAMETER.sub(lambda name: _segment(call, name[1]), path)
        return f"arn:{call.partition}:apigateway:{call.region}::{filled}"

    return resource_of


def _segment(call: Call, parameter: str) -> str:
    return quote(call.text(parameter), safe="" if parameter == "resourceArn" else "*")


def _operations() -> Iterator[tuple[str, str, str]]:
    """Yield each operation with its method and path."""
    for line in _REGULAR.splitlines():
        path, name = line.split()
        collection = path.rpartition("/")[0]
        yield f"Create{name}", "POST", collection
        yield f"Get{name}s", "GET", collection
        yield from ((f"{verb}{name}", method, path) for method, verb in _VERBS.items())
    path = ""
    for line in _OTHERS.splitlines():
        path = line if line.startswith("/") else path
        for method, _, name in (entry.partition(":") for entry in line.split()):
            if method == "*":
                for each, verb in {**_VERBS, "PUT": "Put"}.items():
                    yield f"{verb}{name}", each, path
            elif name:
                yield name, method, path


RULES: dict[str, Rule] = {
    operation: rule(f"apigateway:{method}", _at(path))
    for operation, method, path in _operations()
}
add_tags(
    RULES, "CreateApiKey CreateRestApi CreateStage CreateUsagePlan TagResource", "tags"
)

SERVICE = Service(
    name="apigateway",
    more_prefixes=("execute-api",),
    rules=RULES,
    types={
        "AWS::ApiGateway::RestApi": ResourceType(
            "apigateway:{region}::/restapis/{name}"
        ),
        "AWS::ApiGateway::Stage": ResourceType(name="StageName"),
        "AWS::ApiGatewayV2::Api": ResourceType("apigateway:{region}::/apis/{name}"),
        "AWS::ApiGatewayV2::Stage": ResourceType(name="StageName"),
    },
)
