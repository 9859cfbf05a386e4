"""Updates of a stack: what changes is changed, what goes is gone, or it is refused."""

import json

import boto3
import pytest

from harness.tests.integration.emulator.stacks import Resources, Stack
from harness.tests.integration.emulator.updates import (
    QUEUE,
    TOPIC,
    Look,
    actions,
    alarm,
    api,
    arn,
    attached,
    configured,
    cors,
    function,
    inline,
    is_open,
    mapped,
    mapping,
    planned,
    resource,
    staged,
    subscribed,
    subscribed_to_it,
    subscription,
    threshold,
    topic_policy,
    url,
    version,
    versions,
)

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
    "origins of a URL changed": (
        url("https://a.example"),
        url("https://b.example"),
        cors,
        {"AllowOrigins": ["https://b.example"]},
    ),
    "origins of a URL removed": (url("https://a.example"), url(), cors, {}),
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
