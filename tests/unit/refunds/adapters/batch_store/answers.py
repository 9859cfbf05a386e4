"""What DynamoDB may answer to a batch, and what a test sees of the results."""

from refunds.adapters.item import primary_key, to_item
from refunds.domain.model import Decision, Refund, Status, now
from unit.refunds.builders import a_refund

TABLE = "refund-table"


def a_decided_refund(*, reference: str | None = "charge-1") -> Refund:
    """Return a refund to be written."""
    decision = Decision(Status.APPROVED, "approved", reference)
    return a_refund().decided(decision, now())


def read(*found: Refund, unprocessed: tuple[Refund, ...] = ()) -> dict[str, object]:
    """Return the answer to a read that found these."""
    keys = [primary_key(refund.refund_id) for refund in unprocessed]
    return {
        "Responses": {TABLE: [to_item(refund) for refund in found]},
        "UnprocessedKeys": {TABLE: {"Keys": keys}} if keys else {},
    }


def refused(code: str, **more: object) -> dict[str, object]:
    """Return a statement's refusal."""
    return {"Error": {"Code": code, "Message": "refused", **more}, "TableName": TABLE}


def written(*responses: dict[str, object]) -> dict[str, object]:
    """Return the answer to a write, statement by statement."""
    return {"Responses": list(responses)}


def codes(results: dict[str, Refund | Exception]) -> list[str]:
    """Return the codes of the errors among the results."""
    return [error.code for error in results.values() if hasattr(error, "code")]
