"""Refunds that stay PENDING: the schedule's function finds them and sends them again.

One story, told in the fixture: four refunds are accepted while nothing is delivered,
three of their messages are lost, all are as old as if they had waited for hours. One
that the Sweeper does not send is sent by the operator.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest

from refunds.adapters.item import primary_key
from sam_harness.deploying.stack import DeployedStack
from sam_harness.waiting import wait_until
from service.client import RefundClient
from service.functions import paused
from service.lost import age, sweep
from service.payment_gateway import PaymentGateway
from service.queues import Ended, Operator, Queues
from service.telemetry import FunctionLog


@dataclass(frozen=True, slots=True)
class Story:
    """What was accepted, what two sweeps found, and what the operator saw and sent."""

    order: str
    lost: str
    without_key: str
    by_hand: str
    doubled: str
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    messages: int
    shown: Ended
    refused: Ended
    sent: Ended


@pytest.fixture(scope="module")
def rule(deployed: DeployedStack) -> str:
    """Return the name of the schedule's rule."""
    [name] = [
        deployed.resources[name]
        for name, one in deployed.template["Resources"].items()
        if one["Type"] == "AWS::Events::Rule"
    ]
    return name


@pytest.fixture(scope="module")
def unscheduled(session: boto3.Session, rule: str) -> Iterator[None]:
    """Keep the schedule from sweeping first."""
    events = session.client("events")
    events.disable_rule(Name=rule)
    yield
    events.enable_rule(Name=rule)


@pytest.fixture(scope="module")
def story(
    client: RefundClient,
    queues: Queues,
    session: boto3.Session,
    operator: Operator,
    unscheduled: None,
) -> Iterator[Story]:
    """Lose three messages of four, and sweep twice while nothing is delivered."""
    del unscheduled
    dynamodb, functions = session.client("dynamodb"), session.client("lambda")
    order = f"LOST-{uuid4().hex}"

    def accepted(name: str, headers: dict[str, str]) -> str:
        answer = client.post(f"{order}-{name}", "10", headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["refundId"])

    with paused(functions, client.stack.functions["processor"].live):
        lost = accepted("lost", {"Idempotency-Key": str(uuid4())})
        without_key = accepted("without-key", {})
        by_hand = accepted("by-hand", {})
        queues.empty()
        doubled = accepted("doubled", {"Idempotency-Key": str(uuid4())})
        for refund_id in (lost, without_key, by_hand, doubled):
            age(dynamodb, client.stack, refund_id)
        first, second = (sweep(functions, client.stack) for _ in range(2))
        depth = queues.depth()
        shown = operator.undecided("--older-than", "1h")
        sending = ("--send", by_hand, "--yes")
        refused = operator.undecided(*sending)
        sent = operator.undecided(*sending, "--although-made-without-key")
    yield Story(
        order, lost, without_key, by_hand, doubled,
        first, second, depth, shown, refused, sent,
    )  # fmt: skip
    # Else it would be late for the other tests, too.
    dynamodb.delete_item(
        TableName=client.stack.table_name, Key=primary_key(without_key)
    )


def test_what_was_lost_is_found_and_sent_once(
    story: Story, function_logs: dict[str, FunctionLog]
) -> None:
    """The second sweep leaves it the time to be decided."""
    assert (story.first["overdue"], story.first["resent"]) == (4, 2)
    assert (story.second["overdue"], story.second["resent"]) == (4, 0)
    assert story.first["oldestSeconds"] == pytest.approx(7200, abs=120)
    # The one that was not lost has two by now.
    assert story.messages == 3
    log = function_logs["sweeper"]
    for refund_id in (story.lost, story.doubled):
        [line] = log.wait_for_lines(refundId=refund_id)
        assert line["message"] == "undecided refund sent again"


def test_refund_that_was_lost_is_decided_and_paid_once(
    story: Story, client: RefundClient, gateway: PaymentGateway
) -> None:
    """As if nothing had happened."""
    client.wait_for_status(story.lost, "APPROVED")

    assert gateway.payments(f"{story.order}-lost") == {story.lost: 1}


def test_refund_whose_message_was_still_there_is_paid_once(
    story: Story, client: RefundClient, gateway: PaymentGateway, queues: Queues
) -> None:
    """The second message finds the decision, or the gateway the key."""
    client.wait_for_status(story.doubled, "APPROVED")
    wait_until(
        lambda: (queues.depth(), queues.dlq_depth()),
        lambda depths: depths == (0, 0),
        what="both messages to be gone",
        timeout_s=20,
    )

    assert gateway.payments(f"{story.order}-doubled") == {story.doubled: 1}


def test_refund_that_was_made_without_a_key_waits_for_a_person(
    story: Story, client: RefundClient, gateway: PaymentGateway
) -> None:
    """It is counted, never sent: its client may have asked for another one."""
    client.wait_for_status(story.doubled, "APPROVED")

    assert story.second["waiting"] == {"NO_KEY": 2}
    assert client.refund(story.without_key)["status"] == "PENDING"
    assert gateway.charges(f"{story.order}-without-key") == []


def test_operator_sees_what_is_known_of_each(story: Story) -> None:
    """Also what the Receiver's log says of the promise.

    It says nothing, as the refund is not really as old as its record.
    """
    assert story.shown.status == 0, story.shown.output
    about = {block.split()[0]: block for block in story.shown.output.split("\n\n")[1:]}
    assert about.keys() >= {
        story.lost, story.without_key, story.by_hand, story.doubled,
    }  # fmt: skip
    assert "sent again 1 time\n" in about[story.lost]
    assert "sent by the Sweeper: yes" in about[story.lost]
    assert f"order {story.order}-without-key, 10" in about[story.without_key]
    assert "receiver does not say that it was told 202" in about[story.without_key]
    assert "sent by the Sweeper: no, made without" in about[story.without_key]


@pytest.mark.emulator_mode(
    "embedded", reason="in a container the gateway has a name that only containers know"
)
def test_operator_sees_what_the_gateway_says(story: Story) -> None:
    """It was never asked to pay what was lost."""
    [lost] = [one for one in story.shown.output.split("\n\n") if story.lost in one]

    assert "gateway: has never seen it" in lost


def test_refund_without_a_key_is_sent_by_an_operator_who_says_so(
    story: Story, client: RefundClient, gateway: PaymentGateway
) -> None:
    """Not by one who says nothing of it; then it is paid once."""
    assert story.refused.status == 1, story.refused.output
    assert "--although-made-without-key" in story.refused.output
    assert story.sent.status == 0, story.sent.output
    client.wait_for_status(story.by_hand, "APPROVED")

    assert gateway.payments(f"{story.order}-by-hand") == {story.by_hand: 1}


def test_decided_refunds_are_in_the_index_no_more(
    story: Story, client: RefundClient, session: boto3.Session
) -> None:
    """Only what is undecided is measured, and paid for."""
    for refund_id in (story.lost, story.doubled, story.by_hand):
        client.wait_for_status(refund_id, "APPROVED")

    found = sweep(session.client("lambda"), client.stack)

    assert (found["overdue"], found["resent"]) == (1, 0)


def test_the_schedule_calls_that_function_and_is_on(
    client: RefundClient, rule: str, session: boto3.Session
) -> None:
    """By its alias, like the API and the queue; its policy lets this rule in."""
    events, functions = session.client("events"), session.client("lambda")
    sweeper = client.stack.functions["sweeper"]
    alias = functions.get_alias(FunctionName=sweeper.name, Name="live")["AliasArn"]

    described = events.describe_rule(Name=rule)

    assert described["ScheduleExpression"] == "rate(5 minutes)"
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert [one["Arn"] for one in targets] == [alias]
    policy = functions.get_policy(FunctionName=sweeper.name, Qualifier="live")["Policy"]
    assert described["Arn"] in policy
