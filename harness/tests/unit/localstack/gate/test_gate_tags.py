"""The tags of a resource, which conditions can ask for."""

from collections.abc import Callable, Mapping

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    REGION,
    SEND,
    URL,
    Client,
    Pairs,
    a_call,
    allow,
    clients,
    denial_of,
    document,
    listed,
    put,
    when,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.gate import Gate
from sam_harness.localstack.gate.knowledge import Knowledge


def make_queue(tags: Pairs) -> None:
    """Make a queue with tags."""
    clients("sqs", ACCOUNT, REGION).create_queue(QueueName="queue", tags=tags)


def make_topic(tags: Pairs) -> None:
    """Make a topic with tags."""
    clients("sns", ACCOUNT, REGION).create_topic(Name="topic", Tags=listed(tags))


def make_table(tags: Pairs) -> None:
    """Make a table with tags."""
    clients("dynamodb", ACCOUNT, REGION).create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        Tags=listed(tags),
    )


def make_secret(tags: Pairs) -> None:
    """Make a secret with tags."""
    clients("secretsmanager", ACCOUNT, REGION).create_secret(
        Name="secret", SecretString="s", Tags=listed(tags)
    )


def make_group(tags: Pairs) -> None:
    """Make a log group with tags."""
    clients("logs", ACCOUNT, REGION).create_log_group(logGroupName="group", tags=tags)


def make_bus(tags: Pairs) -> None:
    """Make an event bus with tags."""
    clients("events", ACCOUNT, REGION).create_event_bus(Name="bus", Tags=listed(tags))


def make_role(tags: Pairs) -> None:
    """Make a role that the account may assume."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}}
    clients("iam", ACCOUNT, REGION).create_role(
        RoleName="tagged",
        AssumeRolePolicyDocument=document({**trust, "Action": "sts:AssumeRole"}),
        Tags=listed(tags),
    )


def make_parameter(tags: Pairs) -> None:
    """Make a parameter whose name is a path."""
    clients("ssm", ACCOUNT, REGION).put_parameter(
        Name="/a/b", Type="String", Value="v", Tags=listed(tags)
    )


OF_TAGGED: list[tuple[Callable[[Pairs], None], Call]] = [
    (make_queue, SEND),
    (
        make_topic,
        a_call("Publish", "sns", TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"),
    ),
    (make_table, a_call("GetItem", "dynamodb", TableName="table", Key={})),
    (make_table, a_call("Scan", "dynamodb", TableName="table", IndexName="i")),
    (make_secret, a_call("GetSecretValue", "secretsmanager", SecretId="secret")),
    (
        make_group,
        a_call("PutLogEvents", "logs", logGroupName="group", logStreamName="s"),
    ),
    (make_parameter, a_call("GetParameter", "ssm", Name="/a/b:1")),
    (
        make_role,
        a_call(
            "AssumeRole",
            "sts",
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/tagged",
            RoleSessionName="one",
        ),
    ),
    (make_role, a_call("DeleteRole", "iam", RoleName="tagged")),
    (make_bus, a_call("PutEvents", "events", Entries=[{"EventBusName": "bus"}])),
]


@pytest.mark.parametrize(("make", "call"), OF_TAGGED)
def test_a_deny_on_a_tag_of_the_resource_applies(
    gate: Gate, iam: Client, make: Callable[[Pairs], None], call: Call
) -> None:
    """And on no resource with another tag; the request's other keys stay."""
    make({"env": "prod"})
    put(gate, iam, "all", allow("*"))
    put(gate, iam, "no", when("StringEquals", "aws:ResourceTag/env", "test", "Deny"))
    gate.check(call, KEY)

    both = {"aws:ResourceTag/Env": "prod", "aws:RequestedRegion": REGION}
    no = {**allow("*"), "Effect": "Deny", "Condition": {"StringEquals": both}}
    put(gate, iam, "no", no)

    assert "with an explicit deny" in denial_of(gate, call).message


def test_tags_are_read_again_once_they_may_be_others(gate: Gate, iam: Client) -> None:
    """And what does not exist has none."""
    put(gate, iam, "prod", when("StringEquals", "aws:ResourceTag/env", "prod"))
    denial_of(gate, SEND)
    make_queue({})
    gate.answered(a_call("CreateQueue", QueueName="queue"), {})
    denial_of(gate, SEND)

    clients("sqs", ACCOUNT, REGION).tag_queue(QueueUrl=URL, Tags={"env": "prod"})
    gate.answered(a_call("TagQueue", QueueUrl=URL), {})

    gate.check(SEND, KEY)


def test_tags_that_were_changed_by_the_tagging_api_are_read_again(
    gate: Gate, iam: Client
) -> None:
    """Which names the resources of any service."""
    make_queue({"env": "prod"})
    put(gate, iam, "prod", when("StringEquals", "aws:ResourceTag/env", "prod"))
    gate.check(SEND, KEY)

    clients("sqs", ACCOUNT, REGION).untag_queue(QueueUrl=URL, TagKeys=["env"])
    gate.answered(a_call("UntagResources", "resourcegroupstaggingapi"), {})

    denial_of(gate, SEND)


def test_tags_that_cannot_be_read_are_refused_where_they_decide(
    gate: Gate, iam: Client
) -> None:
    """Of a service that has tags, and whose file does not say how they are read."""
    put(gate, iam, "all", allow("*"))
    put(gate, iam, "no", when("StringEquals", "aws:ResourceTag/env", "prod", "Deny"))

    told = denial_of(gate, a_call("DeleteAlarms", "cloudwatch", AlarmNames=["a"]))

    assert "sam-harness cannot tell which resource" in told.message
    gate.check(a_call("GetMetricData", "cloudwatch"), KEY)


def test_what_else_is_not_known_counts_where_tags_cannot_be_read(
    gate: Gate, iam: Client
) -> None:
    """Here which tags are removed, beside a policy about those of the resource."""
    put(gate, iam, "all", allow("*"))
    tagged = when("StringEquals", "aws:ResourceTag/env", "prod", "Deny")
    put(gate, iam, "no", tagged | allow("cloudwatch:DeleteAlarms") | {"Effect": "Deny"},
        when("ForAnyValue:StringEquals", "aws:TagKeys", "team", "Deny"))  # fmt: skip
    alarm = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a"
    untag = {"ResourceARN": alarm, "TagKeys": ["team"]}

    told = denial_of(gate, a_call("UntagResource", "cloudwatch", **untag))

    assert "sam-harness cannot tell which resource" in told.message


def test_tags_are_not_asked_for_without_a_policy_about_them(
    gate: Gate, iam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most calls are decided without a look at their resource."""
    put(gate, iam, "all", allow("*"))
    monkeypatch.delattr("sam_harness.localstack.gate.knowledge.Knowledge.tags")

    gate.check(SEND, KEY)


def test_an_alias_has_the_tags_of_its_function() -> None:
    """A policy on the function counts for what it is called by as well."""
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
    asked = []

    class Functions:
        def list_tags(self, **named: str) -> Mapping[str, Pairs]:
            asked.append(named)
            return {"Tags": {"env": "prod"}}

    tags = Knowledge(lambda *_of: Functions()).tags(f"{function}:live")

    assert asked == [{"Resource": function}]
    assert tags
    assert tags["aws:resourcetag/env"] == tags["lambda:resourcetag/env"] == ("prod",)
