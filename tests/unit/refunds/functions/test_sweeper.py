"""The Sweeper: finds what stays PENDING, and sends again what may be, once."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pytest

from refunds.adapters import item as items
from refunds.adapters.batch_store import BatchStore
from refunds.adapters.undecided_store import UndecidedStore
from refunds.domain import sweep as rules
from refunds.domain.model import Decision, Refund, Status, iso, now
from unit.refunds.builders import a_late_refund, a_refund, an_sqs_batch
from unit.refunds.cloud import TABLE_NAME, Cloud
from unit.refunds.entry_points import Handler, Lines
from unit.refunds.order_gateway import OrderGateway

type Given = Callable[..., Refund]


@pytest.fixture(autouse=True)
def _few_partitions(
    entry_points: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of moto's queries each takes a millisecond or more."""
    for module in (items, entry_points["sweeper"]):
        monkeypatch.setattr(module, "SHARDS", 4)


@pytest.fixture
def late(cloud: Cloud) -> Given:
    """Return what stores a refund that has been PENDING for some hours."""

    def given(hours: float = 2, **more: Any) -> Refund:  # noqa: ANN401 - the builder's
        return cloud.given(a_late_refund(hours, **more))

    return given


def _sent(cloud: Cloud) -> list[str]:
    return [json.loads(one["Body"])["refundId"] for one in cloud.messages()]


def _item(cloud: Cloud, refund: Refund) -> dict[str, Any]:
    [item] = [one for one in cloud.items() if one["refundId"]["S"] == refund.refund_id]
    return item


def _age(cloud: Cloud, refund: Refund, **since: timedelta) -> None:
    """Let the last resend be so long ago."""
    key = {name: _item(cloud, refund)[name] for name in ("PK", "SK")}
    for attribute, age in since.items():
        cloud.dynamodb.update_item(
            TableName=TABLE_NAME,
            Key=key,
            UpdateExpression=f"SET {attribute} = :at",
            ExpressionAttributeValues={":at": {"S": iso(now() - age)}},
        )


def test_nothing_undecided_is_measured_as_such(sweep: Handler, measured: Lines) -> None:
    """Zeros: without a value the alarm could not tell them from a sweep that ended."""
    assert sweep({}) == {
        "oldestSeconds": 0.0,
        "overdue": 0,
        "resent": 0,
        "waiting": {},
    }

    [line] = measured()
    assert (line["OldestUndecided"], line["OverdueRefunds"]) == ([0.0], [0.0])
    assert line["RefundResent"] == [0.0]
    assert (line["service"], line["stage"]) == ("refunds", "test")


def test_oldest_undecided_refund_is_measured_and_young_ones_are_left_alone(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """Whatever partition it is in, and whether it is late or not."""
    for minutes in (1, 40, 59):
        late(minutes / 60)

    found = sweep({})

    assert found["oldestSeconds"] == pytest.approx(59 * 60, abs=30)
    assert (found["overdue"], found["resent"], _sent(cloud)) == (0, 0, [])


def test_lost_refund_is_sent_as_the_receiver_sent_it(
    sweep: Handler, cloud: Cloud, late: Given, logged: Lines
) -> None:
    """With its correlation id, so that one search finds all that happened."""
    refund = late()

    found = sweep({})

    [message] = cloud.messages()
    assert json.loads(message["Body"]) == {"version": 1, "refundId": refund.refund_id}
    correlation = message["MessageAttributes"]["correlationId"]["StringValue"]
    assert correlation == refund.correlation_id
    assert (found["overdue"], found["resent"]) == (1, 1)
    lines = {line["message"]: line for line in logged()}
    line = lines["undecided refund sent again"]
    assert line["refundId"] == refund.refund_id
    assert line["correlation_id"] == refund.correlation_id


def test_resent_refund_is_decided_and_undecided_no_more(
    sweep: Handler, process: Handler, cloud: Cloud, late: Given, gateway: OrderGateway
) -> None:
    """The decision takes it out of the index, in the same write."""
    refund = late(order_id=gateway.order_id)
    sweep({})

    process(an_sqs_batch(refund))

    assert _item(cloud, refund)["status"]["S"] == "APPROVED"
    assert not {"GSI2PK", "GSI2SK"} & _item(cloud, refund).keys()
    assert sweep({})["oldestSeconds"] == 0
    assert gateway.effects() == 1


def test_resend_of_a_refund_whose_message_exists_pays_nothing_more(
    sweep: Handler, process: Handler, cloud: Cloud, late: Given, gateway: OrderGateway
) -> None:
    """Two messages, one after the other, and then both in one batch."""
    refund = late(order_id=gateway.order_id)
    sweep({})

    for event in (an_sqs_batch(refund), an_sqs_batch(refund, refund)):
        assert process(event) == {"batchItemFailures": []}

    assert gateway.effects() == 1
    assert _item(cloud, refund)["status"]["S"] == "APPROVED"


def test_refund_without_a_key_is_counted_and_not_sent(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """Its client may have asked for another one after a 503."""
    refund = late(made_with_key=False)

    found = sweep({})

    assert (found["overdue"], found["waiting"]) == (1, {"NO_KEY": 1})
    assert _sent(cloud) == []
    assert "resends" not in _item(cloud, refund)


def test_next_sweep_does_not_send_what_was_just_sent(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """Its message has two hours to be decided."""
    refund = late()

    found = [sweep({})["resent"] for _ in range(3)]

    assert found == [1, 0, 0]
    assert _sent(cloud) == [refund.refund_id]


def test_refund_is_sent_again_five_times_and_then_left_to_a_person(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """Else one that can't be decided would come back into the DLQ for ever."""
    refund = late(24 * 13)

    found = []
    for _ in range(7):
        found.append(sweep({}))
        _age(cloud, refund, resentAt=timedelta(days=2))

    assert [one["resent"] for one in found] == [1] * 5 + [0] * 2
    assert found[-1]["waiting"] == {"SENT_OFTEN": 1}
    assert _sent(cloud) == [refund.refund_id] * 5
    assert _item(cloud, refund)["resends"]["N"] == "5"


def test_sweeps_at_the_same_time_send_a_refund_once(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """EventBridge may call twice; the second sweep runs between look and claim."""
    refund = late()
    claim = UndecidedStore.claim

    def later(*arguments: Any) -> bool:  # noqa: ANN401 - claim's own
        with patch.object(UndecidedStore, "claim", claim):
            assert sweep({})["resent"] == 1
        return claim(*arguments)

    with patch.object(UndecidedStore, "claim", later):
        assert sweep({})["resent"] == 0

    assert _sent(cloud) == [refund.refund_id]


def test_refund_that_is_decided_meanwhile_is_not_sent(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """The index follows the table a moment later."""
    refund = late()
    claim = UndecidedStore.claim

    def decided_first(*arguments: Any) -> bool:  # noqa: ANN401 - claim's own
        decision = Decision(Status.APPROVED, "approved", "charge-1")
        store = BatchStore(cloud.dynamodb, TABLE_NAME)
        store.save_decisions([refund.decided(decision, now())])
        return claim(*arguments)

    with patch.object(UndecidedStore, "claim", decided_first):
        assert sweep({})["resent"] == 0

    assert _sent(cloud) == []
    assert "resends" not in _item(cloud, refund)


def test_refund_that_a_former_release_decided_is_taken_out_of_the_index(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """During a canary or after a rollback: such a decision leaves it there."""
    refund = late()
    key = {name: _item(cloud, refund)[name] for name in ("PK", "SK")}
    cloud.dynamodb.update_item(
        TableName=TABLE_NAME,
        Key=key,
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "APPROVED"}},
    )

    found = sweep({})

    assert (found["oldestSeconds"], found["overdue"], _sent(cloud)) == (0, 0, [])
    assert "GSI2PK" not in _item(cloud, refund)
    assert _item(cloud, refund)["status"]["S"] == "APPROVED"


def test_all_of_a_partition_are_reached_behind_those_that_wait_for_a_person(
    sweep: Handler, cloud: Cloud, late: Given
) -> None:
    """More than a page of them."""
    first = late(5)
    digits = first.refund_id[:2]
    for _ in range(120):
        other = a_refund(created_at=now() - timedelta(hours=4))
        cloud.given(
            Refund(
                f"{digits}{other.refund_id[2:]}",
                other.request,
                other.correlation_id,
                other.created_at,
                other.updated_at,
            )
        )
    last = late(3)
    cloud.dynamodb.update_item(
        TableName=TABLE_NAME,
        Key={name: _item(cloud, last)[name] for name in ("PK", "SK")},
        UpdateExpression="SET GSI2PK = :shard",
        ExpressionAttributeValues={":shard": _item(cloud, first)["GSI2PK"]},
    )

    found = sweep({})

    assert (found["overdue"], found["waiting"]) == (122, {"NO_KEY": 120})
    assert sorted(_sent(cloud)) == sorted([first.refund_id, last.refund_id])


def test_what_was_lost_in_thousands_comes_back_sweep_by_sweep(
    sweep: Handler, late: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payment gateway has others to serve."""
    monkeypatch.setattr(rules, "_MOST_AT_ONCE", 2)
    for _ in range(5):
        late()

    found = [sweep({}) for _ in range(4)]

    assert [one["resent"] for one in found] == [2, 2, 1, 0]
    assert {one["overdue"] for one in found} == {5}


def test_sweep_without_a_queue_spends_one_attempt_and_says_so(
    sweep: Handler, cloud: Cloud, late: Given, logged: Lines
) -> None:
    """The others keep all of theirs; what was measured counts."""
    refunds = [late() for _ in range(3)]
    cloud.delete_queue()

    found = sweep({})

    assert (found["resent"], found["overdue"]) == (0, 1)
    assert sum("resends" in _item(cloud, one) for one in refunds) == 1
    failure = next(line for line in logged() if line["level"] == "ERROR")
    assert failure["message"] == "sweep ended early"


def test_sweep_without_a_table_measures_nothing(
    sweep: Handler, cloud: Cloud, written: Lines
) -> None:
    """A zero would be a lie; the alarm tells when values are missing."""
    cloud.delete_table()

    assert sweep({}) == {}

    [line] = written()
    assert (line["level"], line["message"]) == (
        "ERROR",
        "undecided refunds not measured",
    )


def test_sweep_that_is_short_of_time_measures_and_sends_nothing(
    cloud: Cloud, late: Given, sweep: Handler
) -> None:
    """What it could not do is the next one's."""
    late()

    found = sweep({}, timeout_s=3)

    assert found["oldestSeconds"] > 0
    assert (found["resent"], _sent(cloud)) == (0, [])
