"""The Sweeper's role counts resends; it can neither decide a refund nor change it."""

import pytest

from sam_harness.access import stack
from sam_harness.access.policies import of_roles, read
from sam_harness.access.targets import find
from sam_harness.iam.evaluate import evaluate
from sam_harness.iam.request import Principal, Request
from service.checkout import ROOT

PLAIN = stack.load(ROOT / "template.yaml", {"GatewayUrl": "simulated"})
COUNTER = ("PK", "SK", "GSI2PK", "resends", "resentAt")


def _may_update(*attributes: str, **more: tuple[str, ...]) -> bool:
    role = PLAIN.resources["SweeperRole"]
    context = {"dynamodb:Attributes": attributes} | {
        f"dynamodb:{key}": values for key, values in more.items()
    }
    request = Request.of(
        Principal.parse(role.arn),
        "dynamodb:UpdateItem",
        find(PLAIN, "RefundTable").arn,
        context,
    )
    policies = read(of_roles(PLAIN, {})["SweeperRole"]).written
    return evaluate(policies, request).is_allowed


def test_resends_may_be_counted() -> None:
    """With the attributes that the Sweeper's two updates name."""
    assert _may_update(*COUNTER)
    assert _may_update("PK", "SK", "GSI2PK", "GSI2SK")


@pytest.mark.parametrize(
    "attribute", ["status", "amount", "decisionReason", "madeWithKey", "createdAt"]
)
def test_nothing_else_of_a_refund_may_be_changed(attribute: str) -> None:
    """A sweep that could write APPROVED would be a second Processor."""
    assert not _may_update(*COUNTER, attribute)


def test_a_refund_may_not_be_read_by_updating_it() -> None:
    """ALL_OLD would show all of it."""
    assert not _may_update(*COUNTER, ReturnValues=("ALL_OLD",))
