"""What the operator's command sends again, and what it refuses to."""

import json
from collections.abc import Callable

import pytest

from refunds.domain.model import Refund, Status
from sam_harness.errors import HarnessError, UsageError
from service import undecided
from unit.refunds.builders import a_late_refund, a_refund
from unit.refunds.cloud import Cloud

type Run = Callable[..., str]


def _sent(cloud: Cloud) -> list[str]:
    return [json.loads(one["Body"])["refundId"] for one in cloud.messages()]


def test_refund_is_sent_when_a_person_says_so(run: Run, cloud: Cloud) -> None:
    """As the Receiver sent it; one that the index does not know as well."""
    refund, other = (cloud.given(a_late_refund()) for _ in range(2))

    printed = run("--send", refund.refund_id, "--yes")

    [message] = cloud.messages()
    assert json.loads(message["Body"]) == {"version": 1, "refundId": refund.refund_id}
    correlation = message["MessageAttributes"]["correlationId"]["StringValue"]
    assert correlation == refund.correlation_id
    assert f"sent {refund.refund_id}" in printed
    assert other.refund_id not in printed


@pytest.mark.parametrize(
    ("options", "error"), [([], UsageError), (["--dry-run"], None)]
)
def test_nothing_is_sent_without_yes(
    run: Run, cloud: Cloud, options: list[str], error: type[Exception] | None
) -> None:
    """What would be sent is shown."""
    refund = cloud.given(a_late_refund())

    if error:
        with pytest.raises(error, match="give --yes to send 1"):
            run("--send", refund.refund_id, *options)
    else:
        assert "would send 1" in run("--send", refund.refund_id, *options)

    assert _sent(cloud) == []


@pytest.mark.parametrize(
    ("refund", "reason"),
    [
        (a_late_refund(made_with_key=False), "--although-made-without-key"),
        (a_late_refund(24 * 15), "older than 14 days"),
        (a_refund(status=Status.REJECTED), "it is REJECTED"),
    ],
)
def test_refund_that_must_not_be_sent_stops_all(
    run: Run, cloud: Cloud, refund: Refund, reason: str
) -> None:
    """The person decides anew, about all of them."""
    fine = cloud.given(a_late_refund())
    cloud.given(refund)

    with pytest.raises(HarnessError, match=reason) as raised:
        run("--send", fine.refund_id, refund.refund_id, "--yes")

    assert raised.value.exit_status == 1
    assert _sent(cloud) == []


def test_refund_that_is_not_there_stops_all(run: Run, cloud: Cloud) -> None:
    """A mistyped id is a mistake."""
    missing = a_refund().refund_id

    with pytest.raises(HarnessError, match=f"{missing}: there is no such refund"):
        run("--send", missing, "--yes")

    assert _sent(cloud) == []


def test_refund_without_a_key_is_sent_if_that_is_said(run: Run, cloud: Cloud) -> None:
    """Only a person can know that the client has not asked for another one."""
    refund = cloud.given(a_late_refund(made_with_key=False))

    run("--send", refund.refund_id, "--although-made-without-key", "--yes")

    assert _sent(cloud) == [refund.refund_id]


def test_refund_that_only_a_person_can_settle_is_not_sent_by_one(
    run: Run, cloud: Cloud, stage: dict[str, str]
) -> None:
    """It would come back into the DLQ."""
    stage["GatewayLookUp"] = "false"
    refund = cloud.given(a_late_refund(30))

    with pytest.raises(HarnessError, match="settle it by hand"):
        run("--send", refund.refund_id, "--yes")

    assert _sent(cloud) == []


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_option_of_sending_needs_what_to_send(option: str) -> None:
    """Rather than to show, and to seem to have sent."""
    with pytest.raises(UsageError, match="--send ID"):
        undecided.main(["--stack", "stage", option])


@pytest.mark.parametrize(
    "arguments", [["--older-than", "soon"], ["--send", "refund-1"], ["--limit", "0"]]
)
def test_call_that_is_wrong_is_refused_before_anything_is_asked(
    arguments: list[str],
) -> None:
    """By the parser: exit status 2."""
    with pytest.raises(SystemExit) as raised:
        undecided.main(["--stack", "stage", *arguments])

    assert raised.value.code == 2
