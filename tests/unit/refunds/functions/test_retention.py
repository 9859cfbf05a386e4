"""What is deleted with time: decided refunds alone, and what a repeat does then."""

from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from refunds.adapters.item import primary_key
from refunds.domain.model import Refund, Status, now
from unit.refunds.builders import a_body, a_refund, an_api_event, an_sqs_batch
from unit.refunds.cloud import TABLE_NAME, Cloud
from unit.refunds.entry_points import Handler, another_processor, handler_of
from unit.refunds.functions.answers import body_of, failed_ids
from unit.refunds.order_gateway import OrderGateway

KEPT = timedelta(days=30)


@pytest.fixture(scope="module")
def keeping_for_days(entry_points: dict[str, ModuleType]) -> ModuleType:
    """Import a Processor of a stage with RetentionDays."""
    del entry_points  # imported by now
    return another_processor(RETENTION_DAYS=str(KEPT.days))


@pytest.fixture
def process_for_days(cloud: Cloud, keeping_for_days: ModuleType) -> Handler:
    """Return that Processor, ready to be called with an event."""
    del cloud  # empty by now
    return handler_of(keeping_for_days)


def only_item(cloud: Cloud) -> dict[str, Any]:
    """Return the one item of the table."""
    (item,) = cloud.items()
    return item


def delete(cloud: Cloud, refund: Refund) -> None:
    """Delete a record, as DynamoDB's TTL does and moto does not."""
    key = primary_key(refund.refund_id)
    cloud.dynamodb.delete_item(TableName=TABLE_NAME, Key=key)


@pytest.mark.parametrize("amount", ["49.90", "1000.01"])
def test_decided_refund_may_be_deleted_after_its_days(
    process_for_days: Handler, cloud: Cloud, amount: str
) -> None:
    """Approved or rejected; counted from the decision, in seconds as TTL wants it."""
    accepted_at = now() - timedelta(hours=2)
    refund = cloud.given(a_refund(amount, created_at=accepted_at))

    process_for_days(an_sqs_batch(refund))

    item = only_item(cloud)
    decided_at = datetime.fromisoformat(item["updatedAt"]["S"])
    early_s = (decided_at + KEPT).timestamp() - int(item["expiresAt"]["N"])
    assert item["status"]["S"] != Status.PENDING
    assert -1 < early_s <= 0


def test_undecided_refund_is_never_deleted(
    receive: Handler, process_for_days: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """However long the gateway is out: its money is still owed."""
    gateway.behaves("fail")
    accepted = receive(an_api_event(a_body(orderId=gateway.order_id)))
    refund = cloud.store.get(body_of(accepted)["refundId"])

    assert failed_ids(process_for_days(an_sqs_batch(refund)))

    assert "expiresAt" not in only_item(cloud)


def test_without_the_parameter_a_refund_is_kept_for_ever(
    process: Handler, cloud: Cloud
) -> None:
    """As by default."""
    process(an_sqs_batch(cloud.given(a_refund())))

    assert only_item(cloud)["status"]["S"] == Status.APPROVED
    assert "expiresAt" not in only_item(cloud)


def test_request_repeated_after_its_record_is_deleted_is_paid_again(
    receive: Handler, process_for_days: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """As docs/promise.md says: by then the gateway has forgotten the key, too."""
    body = a_body(orderId=gateway.order_id)
    event = an_api_event(body, headers={"Idempotency-Key": "retry-1"})
    refund_ids = []
    for _ in range(2):
        refund_ids.append(body_of(receive(event))["refundId"])
        refund = cloud.store.get(refund_ids[-1])
        assert failed_ids(process_for_days(an_sqs_batch(refund))) == []
        delete(cloud, refund)
        gateway.forgets_keys()

    assert refund_ids[0] == refund_ids[1]
    assert gateway.effects() == 2


def test_message_that_outlives_its_record_pays_nothing(
    process_for_days: Handler, cloud: Cloud, gateway: OrderGateway
) -> None:
    """A dead letter may be redriven at any time; this one comes back."""
    refund = cloud.given(a_refund(order_id=gateway.order_id))
    delete(cloud, refund)

    assert failed_ids(process_for_days(an_sqs_batch(refund)))

    assert (gateway.attempts(), cloud.items()) == (0, [])
