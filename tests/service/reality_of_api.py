"""The API, its stage, plan and key as API Gateway describes them."""

from collections.abc import Mapping
from typing import Any

import boto3

from refund_stack.promised import Resource


def _api(session: boto3.Session, api: Resource) -> Mapping[str, Any]:
    client = session.client("apigateway")
    described = client.get_rest_api(restApiId=api.physical_id)
    paths: dict[str, Any] = {}
    found = client.get_resources(restApiId=api.physical_id, embed=["methods"])
    for resource in found["items"]:
        for verb, method in resource.get("resourceMethods", {}).items():
            paths.setdefault(resource["path"], {})[verb.lower()] = _method(method)
    custom = [
        response
        for response in client.get_gateway_responses(restApiId=api.physical_id)["items"]
        if not response["defaultResponse"]
    ]
    return {
        "Name": described["name"],
        "EndpointConfiguration": {"Types": described["endpointConfiguration"]["types"]},
        "Body": {"paths": paths}
        | ({"x-amazon-apigateway-gateway-responses": custom} if custom else {}),
    }


def _method(method: Mapping[str, Any]) -> Mapping[str, Any]:
    integration = method["methodIntegration"]
    return {
        "x-amazon-apigateway-integration": {
            "httpMethod": integration["httpMethod"],
            "type": integration["type"].lower(),
            "uri": integration["uri"],
        },
        "security": [{"api_key": []}] if method["apiKeyRequired"] else [],
    }


def _stage(session: boto3.Session, stage: Resource) -> Mapping[str, Any]:
    answer = session.client("apigateway").get_stage(
        restApiId=stage.properties["RestApiId"], stageName=stage.physical_id
    )
    log = answer.get("accessLogSettings", {})
    reality: dict[str, Any] = {
        "RestApiId": stage.properties["RestApiId"],
        "DeploymentId": answer["deploymentId"],
        "StageName": answer["stageName"],
        "TracingEnabled": answer.get("tracingEnabled"),
        "AccessLogSetting": {
            "DestinationArn": log.get("destinationArn"),
            "Format": log.get("format"),
        },
    }
    if answer.get("methodSettings"):
        reality["MethodSettings"] = answer["methodSettings"]
    return reality


def _deployment(session: boto3.Session, deployment: Resource) -> Mapping[str, Any]:
    api = deployment.properties["RestApiId"]
    answer = session.client("apigateway").get_deployment(
        restApiId=api, deploymentId=deployment.physical_id
    )
    return {"RestApiId": api, "Description": answer.get("description")}


def _plan(session: boto3.Session, plan: Resource) -> Mapping[str, Any]:
    client = session.client("apigateway")
    answer = client.get_usage_plan(usagePlanId=plan.physical_id)
    throttle, quota = answer["throttle"], answer["quota"]
    return {
        "UsagePlanName": answer["name"],
        "ApiStages": [
            {"ApiId": one["apiId"], "Stage": one["stage"]}
            for one in answer["apiStages"]
        ],
        "Throttle": {
            "RateLimit": throttle["rateLimit"],
            "BurstLimit": throttle["burstLimit"],
        },
        "Quota": {"Limit": quota["limit"], "Period": quota["period"]},
    }


def _plan_key(session: boto3.Session, key: Resource) -> Mapping[str, Any]:
    plan = key.properties["UsagePlanId"]
    answer = session.client("apigateway").get_usage_plan_key(
        usagePlanId=plan, keyId=key.properties["KeyId"]
    )
    return {"KeyId": answer["id"], "KeyType": answer["type"], "UsagePlanId": plan}


def _key(session: boto3.Session, key: Resource) -> Mapping[str, Any]:
    answer = session.client("apigateway").get_api_key(apiKey=key.physical_id)
    return {"Name": answer["name"], "Enabled": answer["enabled"]}


READERS = {
    "AWS::ApiGateway::ApiKey": _key,
    "AWS::ApiGateway::Deployment": _deployment,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::ApiGateway::UsagePlan": _plan,
    "AWS::ApiGateway::UsagePlanKey": _plan_key,
}
