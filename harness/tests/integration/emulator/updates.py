"""Resources that updates change, and how they are looked at after it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3

from harness.tests.integration.emulator.functions import TRUST
from harness.tests.integration.emulator.stacks import Resources

type Look = Callable[[boto3.Session, Mapping[str, str]], object]

QUEUE = {"Type": "AWS::SQS::Queue"}
TOPIC = {"Type": "AWS::SNS::Topic"}


def resource(kind: str, **properties: object) -> Resources:
    """Return a resource."""
    return {"Type": kind, "Properties": properties}


def arn(name: str) -> Resources:
    """Return the ARN of another resource."""
    return {"Fn::GetAtt": [name, "Arn"]}


def allowing(*actions: str) -> Resources:
    """Return a policy document."""
    allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def role(**properties: object) -> Resources:
    """Return a role."""
    return resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, **properties)


def function(**properties: object) -> dict[str, Resources]:
    """Return a function with its role, and a queue."""
    code = {"ZipFile": "def handler(event, context): return event"}
    inline = {"PolicyName": "receives", "PolicyDocument": allowing("sqs:*")}
    made = resource(
        "AWS::Lambda::Function",
        Runtime="python3.13",
        Handler="index.handler",
        Role=arn("Role"),
        Code=code,
        **properties,
    )
    return {"Function": made, "Role": role(Policies=[inline]), "Queue": QUEUE}


def mapping(**properties: object) -> dict[str, Resources]:
    """Return a function that a queue calls."""
    made = resource(
        "AWS::Lambda::EventSourceMapping",
        FunctionName={"Ref": "Function"},
        EventSourceArn=arn("Queue"),
        **properties,
    )
    return {**function(), "Mapping": made}


def url(*origins: str) -> dict[str, Resources]:
    """Return a function with a URL that pages of some origins may call."""
    made = resource(
        "AWS::Lambda::Url",
        TargetFunctionArn=arn("Function"),
        AuthType="NONE",
        **({"Cors": {"AllowOrigins": origins}} if origins else {}),
    )
    return {**function(), "Url": made}


def subscription(**properties: object) -> dict[str, Resources]:
    """Return a topic that sends to a queue."""
    made = resource(
        "AWS::SNS::Subscription",
        TopicArn={"Ref": "Topic"},
        Protocol="sqs",
        Endpoint=arn("Queue"),
        **properties,
    )
    return {"Topic": TOPIC, "Queue": QUEUE, "Subscription": made}


def inline(*actions: str) -> dict[str, Resources]:
    """Return a role with an inline policy, if it is allowed anything."""
    policy = {"PolicyName": "inline", "PolicyDocument": allowing(*actions)}
    return {"Role": role(Policies=[policy]) if actions else role()}


def attached(kind: str, action: str, *roles: str) -> dict[str, Resources]:
    """Return two roles, and a policy that some of them have."""
    named = {"PolicyName": "named"} if kind == "AWS::IAM::Policy" else {}
    holders = [{"Ref": name} for name in roles]
    made = resource(kind, PolicyDocument=allowing(action), Roles=holders, **named)
    return {"Role": role(), "Other": role(), "Policy": made}


def actions(session: boto3.Session, ids: Mapping[str, str]) -> list[str]:
    """Return what a role may do."""
    iam: Any = session.client("iam")
    name = {"RoleName": ids["Role"]}
    found = [
        iam.get_role_policy(**name, PolicyName=one)["PolicyDocument"]
        for one in iam.list_role_policies(**name)["PolicyNames"]
    ]
    for one in iam.list_attached_role_policies(**name)["AttachedPolicies"]:
        policy = {"PolicyArn": one["PolicyArn"]}
        version = iam.get_policy(**policy)["Policy"]["DefaultVersionId"]
        told = iam.get_policy_version(**policy, VersionId=version)
        found.append(told["PolicyVersion"]["Document"])
    return [action for one in found for action in one["Statement"][0]["Action"]]


def configured(name: str) -> Look:
    """Look at a function's configuration."""
    return lambda session, ids: (
        session.client("lambda")
        .get_function_configuration(FunctionName=ids["Function"])
        .get(name)
    )


def mapped(name: str) -> Look:
    """Look at an event source mapping."""
    return lambda session, ids: (
        session.client("lambda").get_event_source_mapping(UUID=ids["Mapping"]).get(name)
    )


def cors(session: boto3.Session, ids: Mapping[str, str]) -> object:
    """Look at who may call a function's URL from a page."""
    client = session.client("lambda")
    return client.get_function_url_config(FunctionName=ids["Function"]).get("Cors")


def subscribed(name: str) -> Look:
    """Look at a subscription."""
    return lambda session, ids: (
        session.client("sns")
        .get_subscription_attributes(SubscriptionArn=ids["Subscription"])["Attributes"]
        .get(name)
    )


def topic_policy(*topics: str) -> dict[str, Resources]:
    """Return two topics, and a policy that some of them have."""
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}
    made = resource(
        "AWS::SNS::TopicPolicy",
        Topics=[{"Ref": name} for name in topics],
        PolicyDocument={"Statement": [{**allowed, "Resource": "*"}]},
    )
    return {"Topic": TOPIC, "Other": TOPIC, "Policy": made}


def is_open(session: boto3.Session, ids: Mapping[str, str]) -> bool:
    """Look whether all may publish to a topic."""
    told = session.client("sns").get_topic_attributes(TopicArn=ids["Topic"])
    statements = json.loads(told["Attributes"]["Policy"])["Statement"]
    return any("Condition" not in one for one in statements)


def subscribed_to_it(session: boto3.Session, ids: Mapping[str, str]) -> list[object]:
    """Look at what a topic is called, and how many subscriptions it has."""
    sns, topic = session.client("sns"), ids["Topic"]
    told = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [told.get("DisplayName", ""), len(listed)]


def threshold(session: boto3.Session, ids: Mapping[str, str]) -> object:
    """Look at an alarm."""
    named = [ids["Alarm"]]
    told = session.client("cloudwatch").describe_alarms(AlarmNames=named)
    return told["MetricAlarms"][0]["Threshold"]


def alarm(limit: int) -> dict[str, Resources]:
    """Return an alarm."""
    made = resource(
        "AWS::CloudWatch::Alarm",
        MetricName="Errors",
        Namespace="updates",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=limit,
    )
    return {"Alarm": made}


def api(*limited: str, **settings: object) -> dict[str, Resources]:
    """Return an API; its stage and its usage plan limit these paths to nothing."""
    document = {
        "openapi": "3.0.1",
        "info": {"title": "api", "version": "1"},
        "paths": {
            "/it": {
                "get": {
                    "responses": {},
                    "x-amazon-apigateway-integration": {"type": "mock"},
                }
            }
        },
    }
    none = {"RateLimit": 0, "BurstLimit": 0}
    methods = [
        {
            "ResourcePath": path,
            "HttpMethod": "GET",
            **{f"Throttling{name}": value for name, value in none.items()},
        }
        for path in limited
    ]
    rest_api, deployment, stage = {"Ref": "Api"}, {"Ref": "Deployed"}, {"Ref": "Stage"}
    throttle = {f"{path}/GET": none for path in limited}
    return {
        "Api": resource("AWS::ApiGateway::RestApi", Body=document),
        "Deployed": resource("AWS::ApiGateway::Deployment", RestApiId=rest_api),
        "Stage": resource(
            "AWS::ApiGateway::Stage",
            RestApiId=rest_api,
            DeploymentId=deployment,
            StageName="live",
            MethodSettings=methods,
            **settings,
        ),
        "Plan": resource(
            "AWS::ApiGateway::UsagePlan",
            ApiStages=[{"ApiId": rest_api, "Stage": stage, "Throttle": throttle}],
            **({"Quota": {"Limit": 1, "Period": "DAY"}} if limited else {}),
        ),
    }


def staged(session: boto3.Session, ids: Mapping[str, str]) -> list[object]:
    """Look at the variables of a stage, and at the paths that it throttles."""
    told = session.client("apigateway").get_stage(
        restApiId=ids["Api"], stageName=ids["Stage"]
    )
    return [told.get("variables"), [*told.get("methodSettings", ())]]


def planned(session: boto3.Session, ids: Mapping[str, str]) -> list[object]:
    """Look at the paths that a usage plan throttles, and at its quota."""
    told = session.client("apigateway").get_usage_plan(usagePlanId=ids["Plan"])
    [stage] = told["apiStages"]
    return [[*stage.get("throttle", ())], told.get("quota")]


def version(name: str, **properties: object) -> dict[str, Resources]:
    """Return a function with a version of this name."""
    made = resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"})
    return {**function(**properties), name: {**made, "DeletionPolicy": "Retain"}}


def versions(session: boto3.Session, ids: Mapping[str, str]) -> list[str]:
    """Look at the versions of a function."""
    client = session.client("lambda")
    told = client.list_versions_by_function(FunctionName=ids["Function"])
    return [one["Version"] for one in told["Versions"]]
