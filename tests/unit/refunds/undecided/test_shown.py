"""What the operator's command shows of refunds that stay PENDING."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from refunds.domain.model import Refund, Status
from sam_harness.errors import HarnessError
from service.undecided_sources import Clients
from unit.refunds.builders import a_late_refund, a_refund
from unit.refunds.cloud import Cloud
from unit.refunds.order_gateway import OrderGateway, an_adapter

type Run = Callable[..., str]
LOG_GROUP = "/aws/lambda/stage-receiver"


def _of(refund: Refund, printed: str) -> list[str]:
    """Return the lines that are about one refund."""
    [block] = [one for one in printed.split("\n\n") if one.startswith(refund.refund_id)]
    return [line.strip() for line in block.splitlines()]


def test_undecided_refunds_are_shown_oldest_first(run: Run, cloud: Cloud) -> None:
    """Those that are late by the stack's own measure, and no others."""
    young, late, later = (cloud.given(a_late_refund(hours)) for hours in (0.5, 30, 2))
    decided = cloud.given(a_refund(status=Status.APPROVED))

    printed = run()

    assert printed.startswith("stage: 2 refunds undecided for more than 1 h\n")
    assert printed.index(late.refund_id) < printed.index(later.refund_id)
    assert young.refund_id not in printed
    assert decided.refund_id not in printed
    assert "PENDING, accepted 1 d 6 h ago" in printed
    assert cloud.messages() == []


@pytest.mark.parametrize(
    ("age", "number"), [("10m", "2 refunds"), ("90m", "1 refund "), ("2d", "0 refunds")]
)
def test_age_can_be_asked_for(run: Run, cloud: Cloud, age: str, number: str) -> None:
    """Also below the stack's own measure."""
    for hours in (0.5, 2):
        cloud.given(a_late_refund(hours))

    assert f"stage: {number}" in run("--older-than", age)


def test_many_are_counted_and_the_oldest_shown(run: Run, cloud: Cloud) -> None:
    """A number is enough to see how bad it is."""
    refunds = [cloud.given(a_late_refund(hours)) for hours in (5, 4, 3)]

    printed = run("--limit", "1")

    assert "stage: 3 refunds" in printed
    assert ", the 1 oldest shown" in printed
    assert [one.refund_id in printed for one in refunds] == [True, False, False]


def test_order_and_the_gateways_word_are_told(
    run: Run, cloud: Cloud, gateway: OrderGateway
) -> None:
    """All that a person needs to judge whether it was paid, here or by another one."""
    refund = cloud.given(a_late_refund(order_id=gateway.order_id))
    other = cloud.given(a_refund("7.5", order_id=gateway.order_id))

    lines = _of(refund, run())

    assert f"order {gateway.order_id}, 49.90 EUR, PENDING, accepted 2 h ago" in lines
    assert "gateway: has never seen it" in lines
    assert f"same order: {other.refund_id}, 7.5 EUR, PENDING, 0 s old" in lines
    assert "sent by the Sweeper: yes" in lines


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"GatewayUrl": "simulated"}, "the stack has none, only the simulated one"),
        ({"GatewayLookUp": "false"}, "it has no look-up (GatewayLookUp=false)"),
    ],
)
def test_gateway_that_cannot_be_asked_is_said_to_be_so(
    run: Run, cloud: Cloud, stage: dict[str, str], changes: dict[str, str], said: str
) -> None:
    """Silence would look like an answer."""
    stage |= changes
    refund = cloud.given(a_late_refund())

    assert f"gateway: cannot be asked: {said}" in _of(refund, run())


def test_gateway_whose_secret_may_not_be_read_is_not_asked(
    run: Run, cloud: Cloud, stage: dict[str, str]
) -> None:
    """An operator need not have the right to pay."""
    stage["GatewaySecretArn"] = "arn:aws:secretsmanager:us-east-1:1:secret:gone-AbCdEf"
    refund = cloud.given(a_late_refund())

    assert (
        "gateway: gave no answer: the gateway's secret is unavailable: "
        "ResourceNotFoundException"
    ) in _of(refund, run())


def test_gateway_that_has_paid_says_so(
    run: Run, cloud: Cloud, gateway: OrderGateway
) -> None:
    """Then a message is all that is missing."""
    refund = cloud.given(a_late_refund(order_id=gateway.order_id))
    an_adapter(gateway.gateway.url).pay_back(refund)

    [line] = [line for line in _of(refund, run()) if line.startswith("gateway:")]
    assert line.startswith("gateway: has paid it: '")


@pytest.mark.parametrize("accepted", [True, False])
def test_promise_to_a_client_without_a_key_is_looked_up_in_the_log(
    run: Run,
    cloud: Cloud,
    clients: Clients,
    accepted: bool,  # noqa: FBT001 - a column
) -> None:
    """It is stored nowhere else."""
    refund = cloud.given(a_late_refund(made_with_key=False))
    clients.logs.create_log_group(logGroupName=LOG_GROUP)
    clients.logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="one")
    message = "refund accepted" if accepted else "refund not accepted"
    line = json.dumps({"message": message, "refundId": refund.refund_id})
    at = int((refund.created_at + timedelta(seconds=1)).timestamp() * 1000)
    clients.logs.put_log_events(
        logGroupName=LOG_GROUP,
        logStreamName="one",
        logEvents=[{"timestamp": at, "message": line}],
    )

    lines = _of(refund, run())

    assert ("client: was told 202" in lines) is accepted
    assert any(
        line.startswith("sent by the Sweeper: no, made without") for line in lines
    )


def test_stack_without_the_index_is_told(
    clients: Clients, run: Run, stage: dict[str, Any]
) -> None:
    """A release before it has no such parameter."""
    del clients, stage["UndecidedAfterMinutes"]

    with pytest.raises(HarnessError, match="UndecidedAfterMinutes"):
        run()
