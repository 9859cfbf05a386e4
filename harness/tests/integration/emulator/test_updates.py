"""Updates of a stack: what changes is changed, what goes is gone, or it is refused."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest

from harness.tests.integration.emulator.functions import TRUST
from harness.tests.integration.emulator.stacks import Resources, Stack

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


POLICY, MANAGED = "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"
FILTER = {"kind": ["refund"]}
FILTERS = {"Filters": [{"Pattern": json.dumps({"body": FILTER})}]}
VARIABLES = {"Variables": {"STAGE": "test"}}
DEAD = {"TargetArn": arn("Queue")}
CARRIED_OUT: dict[str, tuple[Resources, Resources, Look, object]] = {
    "inline policy changed": (inline("s3:*"), inline("sqs:*"), actions, ["sqs:*"]),
    "inline policy removed": (inline("s3:*"), inline(), actions, []),
    "policy taken from a role": (
        attached(POLICY, "s3:*", "Role", "Other"),
        attached(POLICY, "s3:*", "Other"),
        actions,
        [],
    ),
    "managed policy changed": (
        attached(MANAGED, "s3:*", "Role"),
        attached(MANAGED, "sqs:*", "Role"),
        actions,
        ["sqs:*"],
    ),
    "managed policy taken from a role": (
        attached(MANAGED, "s3:*", "Role", "Other"),
        attached(MANAGED, "s3:*", "Other"),
        actions,
        [],
    ),
    "alarm changed": (alarm(1), alarm(2), threshold, 2),
    "variables removed": (
        function(Environment=VARIABLES),
        function(),
        configured("Environment"),
        {"Variables": {}},
    ),
    "timeout removed": (function(Timeout=9), function(), configured("Timeout"), 3),
    "dead-letter queue removed": (
        function(DeadLetterConfig=DEAD),
        function(),
        configured("DeadLetterConfig"),
        None,
    ),
    "filter of a mapping removed": (
        mapping(FilterCriteria=FILTERS),
        mapping(),
        mapped("FilterCriteria"),
        {},
    ),
    "partial batches no longer reported": (
        mapping(FunctionResponseTypes=["ReportBatchItemFailures"]),
        mapping(),
        mapped("FunctionResponseTypes"),
        [],
    ),
    "filter of a subscription removed": (
        subscription(FilterPolicy=FILTER),
        subscription(),
        subscribed("FilterPolicy"),
        "{}",
    ),
    "topic taken out of a policy": (
        topic_policy("Topic", "Other"),
        topic_policy("Other"),
        is_open,
        False,
    ),
    "topic called otherwise": (
        subscription(FilterPolicy=FILTER),
        subscription(FilterPolicy=FILTER)
        | {"Topic": resource("AWS::SNS::Topic", DisplayName="other")},
        subscribed_to_it,
        ["other", 1],
    ),
    "variable of a stage removed": (
        api(Variables={"a": "1", "b": "2"}),
        api(Variables={"a": "1"}),
        staged,
        [{"a": "1"}, []],
    ),
    "throttle of a method removed": (
        api("/it", "/other"),
        api("/it"),
        staged,
        [None, ["~1it/GET"]],
    ),
    "throttle in a usage plan removed": (
        api("/it", "/other"),
        api("/it"),
        planned,
        [["/it/GET"], {"limit": 1, "period": "DAY", "offset": 0}],
    ),
    "quota removed": (api("/it"), api(), planned, [[], None]),
    "throttle in a usage plan added": (
        api(),
        api("/it"),
        planned,
        [["/it/GET"], {"limit": 1, "period": "DAY", "offset": 0}],
    ),
    "version of a changed function": (
        version("One"),
        version("Two", Timeout=9),
        versions,
        ["$LATEST", "1", "2"],
    ),
    "message no longer raw": (
        subscription(RawMessageDelivery=True),
        subscription(),
        subscribed("RawMessageDelivery"),
        "false",
    ),
}
VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
KEPT = "the emulator keeps it, though the template has it no more"
REFUSED: dict[str, tuple[Resources, Resources, str]] = {
    "dead-letter queue that is not there": (
        {"Queue": QUEUE},
        {
            "Queue": resource(
                "AWS::SQS::Queue",
                RedrivePolicy={
                    "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:none",
                    "maxReceiveCount": 3,
                },
            )
        },
        "An error occurred (InvalidParameterValue) when calling the SetQueueAttributes",
    ),
    "version of a function that is not changed": (
        version("One"),
        version("Two"),
        "Resource provider operation failed: A version for this Lambda function exists",
    ),
    "versioning of a bucket removed": (
        {"Bucket": resource("AWS::S3::Bucket", **VERSIONED)},
        {"Bucket": resource("AWS::S3::Bucket")},
        f"AWS::S3::Bucket.VersioningConfiguration: {KEPT}",
    ),
    "subscription in a topic removed": (
        {
            "Queue": QUEUE,
            "Topic": resource(
                "AWS::SNS::Topic",
                Subscription=[{"Protocol": "sqs", "Endpoint": arn("Queue")}],
            ),
        },
        {"Queue": QUEUE, "Topic": TOPIC},
        f"AWS::SNS::Topic.Subscription: {KEPT}",
    ),
}


@pytest.mark.parametrize("case", CARRIED_OUT)
def test_an_update_is_carried_out(case: str, session: boto3.Session) -> None:
    """What the template has no more is as if it had never had it."""
    before, after, look, wanted = CARRIED_OUT[case]
    stack = Stack(session)
    assert not stack.create(before)

    assert not stack.update(after)

    assert look(session, stack.ids) == wanted


@pytest.mark.parametrize("case", REFUSED)
def test_an_update_that_would_be_pretended_fails(
    case: str, session: boto3.Session
) -> None:
    """LocalStack calls it complete, and changes nothing."""
    before, after, reason = REFUSED[case]
    stack = Stack(session)
    assert not stack.create(before)

    assert stack.update(after)

    assert [one for one in stack.reasons if one.startswith(reason)]
