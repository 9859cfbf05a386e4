"""Every status that docs/openapi.yaml says of the functions is one that they answer.

The other way round is checked with every answer that a unit test gets: see
unit.refunds.entry_points.
"""

import pytest

from refunds.domain.model import Refund, Status
from service.contract import contract
from unit.refunds.builders import a_body, a_refund, an_api_event
from unit.refunds.cloud import Cloud
from unit.refunds.contract.test_template import BY_API_GATEWAY
from unit.refunds.entry_points import Handler, operation_of
from unit.refunds.functions.answers import body_of

OPERATIONS = contract().operations
KEY = {"Idempotency-Key": "contract-1"}


def get(refund_id: str) -> dict[str, object]:
    """Return the event of GET /refunds/{refundId}."""
    return an_api_event(pathParameters={"refundId": refund_id})


def of_order(order_id: str, **more: str) -> dict[str, object]:
    """Return the event of GET /refunds?orderId=…."""
    return an_api_event(queryStringParameters={"orderId": order_id, **more})


@pytest.fixture
def refund(cloud: Cloud) -> Refund:
    """Return a refund that is in the table."""
    return cloud.given(a_refund())


@pytest.fixture
def answered(
    receive: Handler, read: Handler, cloud: Cloud, refund: Refund
) -> dict[str, dict[int, object]]:
    """Return each operation's answers, by their status."""
    order_id = refund.request.order_id
    body = a_body()
    requests = [
        (receive, an_api_event(body, headers=KEY)),
        (receive, an_api_event({})),
        (receive, an_api_event(body | {"amount": 1}, headers=KEY)),
        (read, get(refund.refund_id)),
        (read, get("no-id")),
        (read, get(a_refund().refund_id)),
        (read, of_order(order_id)),
        (read, of_order("no order")),
    ]
    in_an_outage = [
        (receive, an_api_event(a_body())),
        (read, get(refund.refund_id)),
        (read, of_order(order_id)),
    ]
    found: dict[str, dict[int, object]] = {name: {} for name in OPERATIONS}

    def ask(handler: Handler, event: dict[str, object]) -> None:
        answer = handler(event)
        name = operation_of("receiver" if handler is receive else "reader", event)
        found[name][answer["statusCode"]] = answer

    for handler, event in requests:
        ask(handler, event)
    cloud.delete_table()
    for handler, event in in_an_outage:
        ask(handler, event)
    return found


def test_every_documented_status_is_answered(
    answered: dict[str, dict[int, object]],
) -> None:
    """All but those that API Gateway answers itself, and no other one."""
    documented = {
        name: operation.statuses - BY_API_GATEWAY
        for name, operation in OPERATIONS.items()
    }

    assert {name: set(seen) for name, seen in answered.items()} == documented


def test_every_documented_field_of_a_refund_is_shown(
    read: Handler, cloud: Cloud
) -> None:
    """A decided refund has them all, and a page that another one follows as well."""
    refund = cloud.given(a_refund(status=Status.REJECTED))
    cloud.given(a_refund(order_id=refund.request.order_id))

    one = body_of(read(get(refund.refund_id)))
    page = body_of(read(of_order(refund.request.order_id, limit="1")))

    assert one.keys() == fields("getRefund")
    assert page.keys() == fields("listRefunds")


def fields(operation: str) -> set[str]:
    """Return the documented fields of an operation's 200."""
    content = OPERATIONS[operation].described["responses"]["200"]["content"]
    return set(content["application/json"]["schema"]["properties"])
