"""Each resource as its own service describes it, in the template's words."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from service.expected_resources import Resource

type Reader = Callable[[boto3.Session, Resource], Mapping[str, Any]]


def _api(session: boto3.Session, api: Resource) -> Mapping[str, Any]:
    client = session.client("apigateway")
    described = client.get_rest_api(restApiId=api.physical_id)
    paths: dict[str, Any] = {}
    found = client.get_resources(restApiId=api.physical_id, embed=["methods"])
    for resource in found["items"]:
        for verb, method in resource.get("resourceMethods", {}).items():
            paths.setdefault(resource["path"], {})[verb.lower()] = _method(method)
    custom = {
        response["responseType"]: {
            "statusCode": int(response["statusCode"]),
            "responseParameters": response["responseParameters"],
            "responseTemplates": response["responseTemplates"],
        }
        for response in client.get_gateway_responses(restApiId=api.physical_id)["items"]
        if not response["defaultResponse"]
    }
    return {
        "Name": described["name"],
        "EndpointConfiguration": {"Types": described["endpointConfiguration"]["types"]},
        "Body": {
            "paths": paths,
            "x-amazon-apigateway-gateway-responses": custom,
        },
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
    reality["MethodSettings"] = [
        {
            "ResourcePath": f"/{name.rpartition('/')[0]}",
            "HttpMethod": name.rpartition("/")[2],
            "MetricsEnabled": settings["metricsEnabled"],
            "ThrottlingRateLimit": settings["throttlingRateLimit"],
            "ThrottlingBurstLimit": settings["throttlingBurstLimit"],
        }
        for name, settings in answer.get("methodSettings", {}).items()
    ]
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


def _function(session: boto3.Session, function: Resource) -> Mapping[str, Any]:
    answer = session.client("lambda").get_function(FunctionName=function.physical_id)
    # CloudFormation adds some of its own, under a prefix that no template may use.
    tags = [
        {"Key": key, "Value": value}
        for key, value in answer["Tags"].items()
        if not key.startswith("aws:")
    ]
    return {**answer["Configuration"], "Tags": tags}


def _mapping(session: boto3.Session, mapping: Resource) -> Mapping[str, Any]:
    answer = session.client("lambda").get_event_source_mapping(UUID=mapping.physical_id)
    return {
        **answer,
        "FunctionName": answer["FunctionArn"],
        "Enabled": answer["State"] == "Enabled",
    }


def _version(session: boto3.Session, version: Resource) -> Mapping[str, Any]:
    return dict(
        session.client("lambda").get_function_configuration(
            FunctionName=version.physical_id
        )
    )


def _alias(session: boto3.Session, alias: Resource) -> Mapping[str, Any]:
    function, name = alias.physical_id.split(":")[6:]
    answer = session.client("lambda").get_alias(FunctionName=function, Name=name)
    return {**answer, "FunctionName": function}


def _permission(session: boto3.Session, permission: Resource) -> Mapping[str, Any]:
    name = permission.properties["FunctionName"]
    policy = session.client("lambda").get_policy(FunctionName=name)["Policy"]
    (statement,) = (
        one
        for one in json.loads(policy)["Statement"]
        if one["Sid"] == permission.physical_id
    )
    conditions = statement.get("Condition", {}).get("ArnLike", {})
    return {
        "Action": statement["Action"],
        "FunctionName": statement["Resource"],
        "Principal": statement["Principal"]["Service"],
        # IAM's condition keys are the same in any case.
        "SourceArn": {key.lower(): value for key, value in conditions.items()}.get(
            "aws:sourcearn"
        ),
    }


def _log_group(session: boto3.Session, group: Resource) -> Mapping[str, Any]:
    found = session.client("logs").describe_log_groups(
        logGroupNamePrefix=group.physical_id
    )["logGroups"]
    (described,) = (one for one in found if one["logGroupName"] == group.physical_id)
    reality: dict[str, Any] = {"LogGroupName": described["logGroupName"]}
    if "retentionInDays" in described:
        reality["RetentionInDays"] = described["retentionInDays"]
    return reality


def _role(session: boto3.Session, role: Resource) -> Mapping[str, Any]:
    iam = session.client("iam")
    name = role.physical_id
    described = iam.get_role(RoleName=name)["Role"]
    inline = [
        iam.get_role_policy(RoleName=name, PolicyName=policy)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "AssumeRolePolicyDocument": described["AssumeRolePolicyDocument"],
        "Policies": [
            {
                "PolicyName": policy["PolicyName"],
                "PolicyDocument": policy["PolicyDocument"],
            }
            for policy in inline
        ],
        "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached],
        "PermissionsBoundary": described.get("PermissionsBoundary", {}).get(
            "PermissionsBoundaryArn"
        ),
    }


def _queue(session: boto3.Session, queue: Resource) -> Mapping[str, Any]:
    attributes: dict[str, Any] = _queue_attributes(session, queue.physical_id)
    attributes["QueueName"] = attributes["QueueArn"].rpartition(":")[2]
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if name in attributes:
            attributes[name] = json.loads(attributes[name])
    attributes["SqsManagedSseEnabled"] = attributes["SqsManagedSseEnabled"] == "true"
    return attributes


def _queue_policy(session: boto3.Session, policy: Resource) -> Mapping[str, Any]:
    urls = policy.properties["Queues"]
    documents = [_queue_attributes(session, url)["Policy"] for url in urls]
    return {"Queues": urls, "PolicyDocument": json.loads(*set(documents))}


def _queue_attributes(session: boto3.Session, url: str) -> dict[str, Any]:
    answer = session.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["All"]
    )
    return {str(name): value for name, value in answer["Attributes"].items()}


def _table(session: boto3.Session, table: Resource) -> Mapping[str, Any]:
    dynamodb = session.client("dynamodb")
    described = dynamodb.describe_table(TableName=table.physical_id)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=table.physical_id)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    expiry = dynamodb.describe_time_to_live(TableName=table.physical_id)[
        "TimeToLiveDescription"
    ]
    return {
        **described,
        "BillingMode": described["BillingModeSummary"]["BillingMode"],
        "SSESpecification": {
            "SSEEnabled": described.get("SSEDescription", {}).get("Status") == "ENABLED"
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": recovery["PointInTimeRecoveryStatus"]
            == "ENABLED"
        },
        "TimeToLiveSpecification": {
            "AttributeName": expiry.get("AttributeName"),
            "Enabled": expiry["TimeToLiveStatus"] == "ENABLED",
        },
    }


def _topic(session: boto3.Session, topic: Resource) -> Mapping[str, Any]:
    answer = session.client("sns").get_topic_attributes(TopicArn=topic.physical_id)
    attributes: dict[str, Any] = dict(answer["Attributes"])
    attributes["TopicName"] = attributes["TopicArn"].rpartition(":")[2]
    return attributes


def _alarm(session: boto3.Session, alarm: Resource) -> Mapping[str, Any]:
    found = session.client("cloudwatch").describe_alarms(AlarmNames=[alarm.physical_id])
    (described,) = found["MetricAlarms"]
    return dict(described)


def _rule(session: boto3.Session, rule: Resource) -> Mapping[str, Any]:
    events = session.client("events")
    described = events.describe_rule(Name=rule.physical_id)
    targets = events.list_targets_by_rule(Rule=rule.physical_id)["Targets"]
    return {**described, "Targets": targets}


# Raises, or returns without the expected properties, when the resource is not there.
READERS: Mapping[str, Reader] = {
    "AWS::ApiGateway::ApiKey": _key,
    "AWS::ApiGateway::Deployment": _deployment,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGateway::Stage": _stage,
    "AWS::ApiGateway::UsagePlan": _plan,
    "AWS::ApiGateway::UsagePlanKey": _plan_key,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::Version": _version,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
}

# Written in the template, but nothing that its resource has.
NO_SETTINGS: Mapping[tuple[str, str], str] = {
    ("AWS::ApiGateway::RestApi", "Body.components"): "the methods' keys are checked",
    ("AWS::ApiGateway::RestApi", "Body.info"): "the API has a name of its own",
    ("AWS::ApiGateway::RestApi", "Body.openapi"): "how the body is written",
    ("AWS::ApiGateway::RestApi", "Parameters"): "how the body is read",
    ("AWS::Lambda::Function", "Code"): "where it came from; that it runs is tested",
}
