"""EventBridge in front of the gate: code, action and ARN, and the policy of a bus."""

import json

import pytest

from harness.tests.unit.iam.calls import needed
from harness.tests.unit.localstack.gate.callers import (
    ACCOUNT,
    KEY,
    ROLE,
    Client,
    a_call,
    allow,
    clients,
    denial_of,
    put,
)
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.gate import Gate

PREFIX = f"arn:aws:events:us-east-1:{ACCOUNT}"
BUS = f"{PREFIX}:event-bus/orders"
OTHER_BUS = "arn:aws:events:us-east-1:210987654321:event-bus/theirs"
TARGET_ROLE = f"arn:aws:iam::{ACCOUNT}:role/target"


def an_event(**event: str) -> Call:
    """Return the call that puts one event."""
    return a_call("PutEvents", "events", Entries=[event])


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (an_event(), [("events:PutEvents", f"{PREFIX}:event-bus/default")]),
        (an_event(EventBusName=OTHER_BUS), [("events:PutEvents", OTHER_BUS)]),
        (
            a_call("PutEvents", "events", Entries=[{}, {"EventBusName": "orders"}]),
            [
                ("events:PutEvents", f"{PREFIX}:event-bus/default"),
                ("events:PutEvents", BUS),
            ],
        ),
        (
            a_call("DescribeRule", "events", Name="r", EventBusName="orders"),
            [("events:DescribeRule", f"{PREFIX}:rule/orders/r")],
        ),
        (
            a_call("DisableRule", "events", Name="r", EventBusName=OTHER_BUS),
            [
                (
                    "events:DisableRule",
                    "arn:aws:events:us-east-1:210987654321:rule/theirs/r",
                )
            ],
        ),
        (
            a_call(
                "PutTargets",
                "events",
                Rule="r",
                Targets=[{"Id": "1", "Arn": ROLE, "RoleArn": TARGET_ROLE}],
            ),
            [
                ("events:PutTargets", f"{PREFIX}:rule/r"),
                ("iam:PassRole", TARGET_ROLE),
            ],
        ),
    ],
)
def test_a_call_needs_its_bus_or_its_rule_on_the_bus(
    call: Call, expected: list[tuple[str, str]]
) -> None:
    """A rule of the default bus has no bus in its ARN; targets may need a role."""
    assert needed(call) == expected


def test_an_event_is_denied_as_aws_denies_it_and_passes_once_allowed(
    gate: Gate, iam: Client
) -> None:
    """Code, status, action and ARN; the permission needed is on the bus."""
    put_event = an_event(EventBusName="orders", Source="shop", DetailType="paid")

    denial = denial_of(gate, put_event)

    assert (denial.code, denial.http_status) == ("AccessDeniedException", 400)
    assert (
        f"not authorized to perform: events:PutEvents on resource: {BUS} because"
        in (denial.message)
    )
    put(gate, iam, "putter", allow("events:PutEvents", BUS))
    gate.check(put_event, KEY)


@pytest.mark.usefixtures("iam")
def test_a_key_that_sts_never_gave_out_is_denied_with_eventbridges_code(
    gate: Gate,
) -> None:
    """As by every service of the JSON protocol."""
    denial = denial_of(gate, an_event(), "LSIAUNKNOWN")

    assert (denial.code, denial.http_status) == ("UnrecognizedClientException", 400)


def test_the_policy_of_a_bus_may_allow_what_the_role_does_not(
    gate: Gate, iam: Client
) -> None:
    """It is read once, and again after a call that may have changed it."""
    assert iam.get_role(RoleName="worker")
    events = clients("events", ACCOUNT, "us-east-1")
    events.create_event_bus(Name="orders")
    put_event = an_event(EventBusName="orders", Source="shop", DetailType="paid")
    denial_of(gate, put_event)
    statement = {"Sid": "worker", "Principal": {"AWS": ROLE}, "Resource": BUS}
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{**statement, **allow("events:PutEvents", BUS)}],
        }
    )

    permission = {"EventBusName": "orders", "Policy": policy}
    events.put_permission(**permission)

    denial_of(gate, put_event)
    gate.answered(a_call("PutPermission", "events", **permission), {})
    gate.check(put_event, KEY)
