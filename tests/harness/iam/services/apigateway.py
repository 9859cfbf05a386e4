"""API Gateway's management: the HTTP method on the path of the resource.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

import re
from urllib.parse import quote

from harness.iam.mapping.call import Call, ResourceOf, Rule, rule, with_tags

# A path, then below it METHOD:Operation of all its operations.
_PATHS = """\
/account
    GET:GetAccount PATCH:UpdateAccount
/apikeys
    POST:CreateApiKey GET:GetApiKeys POST:ImportApiKeys
/apikeys/{apiKey}
    DELETE:DeleteApiKey GET:GetApiKey PATCH:UpdateApiKey
/clientcertificates
    POST:GenerateClientCertificate GET:GetClientCertificates
/clientcertificates/{clientCertificateId}
    DELETE:DeleteClientCertificate GET:GetClientCertificate
    PATCH:UpdateClientCertificate
/domainnames
    POST:CreateDomainName GET:GetDomainNames
/domainnames/{domainName}
    DELETE:DeleteDomainName GET:GetDomainName PATCH:UpdateDomainName
/domainnames/{domainName}/basepathmappings
    POST:CreateBasePathMapping GET:GetBasePathMappings
/domainnames/{domainName}/basepathmappings/{basePath}
    DELETE:DeleteBasePathMapping GET:GetBasePathMapping PATCH:UpdateBasePathMapping
/restapis
    POST:CreateRestApi GET:GetRestApis POST:ImportRestApi
/restapis/{restApiId}
    DELETE:DeleteRestApi GET:GetRestApi PUT:PutRestApi PATCH:UpdateRestApi
/restapis/{restApiId}/authorizers
    POST:CreateAuthorizer GET:GetAuthorizers
/restapis/{restApiId}/authorizers/{authorizerId}
    DELETE:DeleteAuthorizer GET:GetAuthorizer POST:TestInvokeAuthorizer
    PATCH:UpdateAuthorizer
/restapis/{restApiId}/deployments
    POST:CreateDeployment GET:GetDeployments
/restapis/{restApiId}/deployments/{deploymentId}
    DELETE:DeleteDeployment GET:GetDeployment PATCH:UpdateDeployment
/restapis/{restApiId}/documentation/parts
    POST:CreateDocumentationPart GET:GetDocumentationParts
    PUT:ImportDocumentationParts
/restapis/{restApiId}/documentation/parts/{documentationPartId}
    DELETE:DeleteDocumentationPart GET:GetDocumentationPart
    PATCH:UpdateDocumentationPart
/restapis/{restApiId}/documentation/versions
    POST:CreateDocumentationVersion GET:GetDocumentationVersions
/restapis/{restApiId}/documentation/versions/{documentationVersion}
    DELETE:DeleteDocumentationVersion GET:GetDocumentationVersion
    PATCH:UpdateDocumentationVersion
/restapis/{restApiId}/gatewayresponses
    GET:GetGatewayResponses
/restapis/{restApiId}/gatewayresponses/{responseType}
    DELETE:DeleteGatewayResponse GET:GetGatewayResponse PUT:PutGatewayResponse
    PATCH:UpdateGatewayResponse
/restapis/{restApiId}/models
    POST:CreateModel GET:GetModels
/restapis/{restApiId}/models/{modelName}
    DELETE:DeleteModel GET:GetModel PATCH:UpdateModel
/restapis/{restApiId}/models/{modelName}/default_template
    GET:GetModelTemplate
/restapis/{restApiId}/requestvalidators
    POST:CreateRequestValidator GET:GetRequestValidators
/restapis/{restApiId}/requestvalidators/{requestValidatorId}
    DELETE:DeleteRequestValidator GET:GetRequestValidator
    PATCH:UpdateRequestValidator
/restapis/{restApiId}/resources
    GET:GetResources
/restapis/{restApiId}/resources/{parentId}
    POST:CreateResource
/restapis/{restApiId}/resources/{resourceId}
    DELETE:DeleteResource GET:GetResource PATCH:UpdateResource
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}
    DELETE:DeleteMethod GET:GetMethod PUT:PutMethod POST:TestInvokeMethod
    PATCH:UpdateMethod
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration
    DELETE:DeleteIntegration GET:GetIntegration PUT:PutIntegration
    PATCH:UpdateIntegration
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration/responses/{statusCode}
    DELETE:DeleteIntegrationResponse GET:GetIntegrationResponse
    PUT:PutIntegrationResponse PATCH:UpdateIntegrationResponse
/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/responses/{statusCode}
    DELETE:DeleteMethodResponse GET:GetMethodResponse PUT:PutMethodResponse
    PATCH:UpdateMethodResponse
/restapis/{restApiId}/stages
    POST:CreateStage GET:GetStages
/restapis/{restApiId}/stages/{stageName}
    DELETE:DeleteStage GET:GetStage PATCH:UpdateStage
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
/usageplans
    POST:CreateUsagePlan GET:GetUsagePlans
/usageplans/{usagePlanId}
    DELETE:DeleteUsagePlan GET:GetUsagePlan PATCH:UpdateUsagePlan
/usageplans/{usagePlanId}/keys
    POST:CreateUsagePlanKey GET:GetUsagePlanKeys
/usageplans/{usagePlanId}/keys/{keyId}
    DELETE:DeleteUsagePlanKey GET:GetUsagePlanKey
/usageplans/{usagePlanId}/keys/{keyId}/usage
    PATCH:UpdateUsage
/usageplans/{usagePlanId}/usage
    GET:GetUsage
/vpclinks
    POST:CreateVpcLink GET:GetVpcLinks
/vpclinks/{vpcLinkId}
    DELETE:DeleteVpcLink GET:GetVpcLink PATCH:UpdateVpcLink
"""
_PARAMETER = re.compile(r"\{(\w+)\}")


def _at(path: str) -> ResourceOf:
    def resource_of(call: Call) -> str:
        filled = _PARAMETER.sub(lambda name: _segment(call, name[1]), path)
        return f"arn:{call.partition}:apigateway:{call.region}::{filled}"

    return resource_of


def _segment(call: Call, parameter: str) -> str:
    return quote(call.text(parameter), safe="" if parameter == "resourceArn" else "*")


def _rules() -> dict[str, Rule]:
    made = {}
    path = ""
    for line in _PATHS.splitlines():
        if line.startswith("/"):
            path = line
            continue
        for entry in line.split():
            method, _, operation = entry.partition(":")
            made[operation] = rule(f"apigateway:{method}", _at(path))
    return made


_MANAGEMENT = _rules()
RULES = {
    **_MANAGEMENT,
    **with_tags(
        _MANAGEMENT,
        "CreateApiKey CreateRestApi CreateStage CreateUsagePlan TagResource",
        "tags",
    ),
}
