"""What conditions can ask for: keys of every request, tags of who asks."""

from dataclasses import replace

import pytest

from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    QUEUE,
    REGION,
    SEND,
    URL,
    Client,
    a_call,
    allow,
    assume,
    change,
    clients,
    denial_of,
    document,
    listed,
    put,
    when,
)
from sam_harness.iam.request import Principal
from sam_harness.localstack.gate import caller
from sam_harness.localstack.gate.gate import Gate


def test_a_principal_has_the_tags_of_its_role(gate: Gate, iam: Client) -> None:
    """Without them an Allow that needs one never applies."""
    wanted = when("StringEquals", "aws:PrincipalTag/team", "blue")
    put(gate, iam, "blue", wanted)
    denial_of(gate, SEND)

    change(gate, iam.tag_role, RoleName="worker", Tags=listed({"Team": "blue"}))

    gate.check(SEND, KEY)


def test_a_tag_of_the_session_is_instead_of_the_role_s(gate: Gate, iam: Client) -> None:
    """Whatever the case of their letters: to IAM they are one tag."""
    put(gate, iam, "blue", when("StringEquals", "aws:PrincipalTag/team", "blue"))
    change(gate, iam.tag_role, RoleName="worker", Tags=listed({"team": "blue"}))

    assume(gate, limits={"Tags": listed({"TEAM": "red"})})

    denial_of(gate, SEND)


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8"),
        ("StringLike", "aws:UserAgent", "Boto3/*"),
        ("Bool", "aws:ViaAWSService", "false"),
        ("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:00Z"),
        ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"),
        ("DateGreaterThan", "aws:EpochTime", "1577836800"),
        ("Bool", "aws:SecureTransport", "true"),
        ("NumericGreaterThanEquals", "s3:TlsVersion", "1.2"),
        ("StringEquals", "aws:RequestedRegion", REGION),
        ("StringLike", "aws:userid", "AROA*:one"),
        ("StringEquals", "aws:SourceIdentity", "alice"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/worker"),
    ],
)
def test_a_request_has_the_keys_that_every_request_has(
    gate: Gate, iam: Client, operator: str, key: str, value: str
) -> None:
    """An Allow that needs one applies, and so does a Deny."""
    assume(gate, limits={"SourceIdentity": "alice"})
    call = replace(SEND, client=caller.keys_of_client("127.0.0.1", "Boto3/1.40"))

    put(gate, iam, "allow", when(operator, key, value))
    gate.check(call, KEY)
    put(gate, iam, "deny", when(operator, key, value, "Deny"))

    assert "with an explicit deny" in denial_of(gate, call).message


def test_a_session_is_of_the_role_with_its_path(gate: Gate, iam: Client) -> None:
    """The session's own ARN lacks it."""
    role = f"arn:aws:iam::{ACCOUNT}:role/path/worker"
    put(gate, iam, "allow", when("ArnEquals", "aws:PrincipalArn", role))

    assume(gate, limits={"RoleArn": role})

    gate.check(SEND, KEY)


def test_a_call_within_the_emulator_has_no_address() -> None:
    """As a service that calls with a role: what is not known is not made up."""
    assert caller.keys_of_client(None, None) == {}


def test_a_service_in_another_region_is_another_principal(gate: Gate) -> None:
    """A queue's policy names it by region; aws:SourceArn is no part of that."""
    sqs = clients("sqs", ACCOUNT, REGION)
    sqs.create_queue(QueueName="queue")
    events = {"service_principal": "events"}

    for region in (REGION, "eu-west-1"):
        statement = {
            **allow("sqs:SendMessage", QUEUE),
            "Principal": {"Service": f"events.{region}.amazonaws.com"},
        }
        policy = {"Policy": document(statement)}
        sqs.set_queue_attributes(QueueUrl=URL, Attributes=policy)
        gate.answered(a_call("SetQueueAttributes", QueueUrl=URL), {})
        if region == REGION:
            gate.check(SEND, "test", events)
        else:
            denial_of(gate, SEND, "test", **events)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("states", {"states.amazonaws.com", "states.eu-west-1.amazonaws.com"}),
        (
            "logs.us-gov-west-1.amazonaws.com",
            {"logs.amazonaws.com", "logs.us-gov-west-1.amazonaws.com"},
        ),
        (
            "states.cn-north-1.amazonaws.com.cn",
            {"states.amazonaws.com.cn", "states.cn-north-1.amazonaws.com.cn"},
        ),
    ],
)
def test_a_service_is_named_with_its_region_and_without(
    name: str, names: set[str]
) -> None:
    """It has the region that it calls in, unless it says one itself."""
    service = caller.service_of({"service_principal": name})

    assert service is not None
    assert set(Principal.parse(service.principal).names("eu-west-1")) == names
