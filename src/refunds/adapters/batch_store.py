"""The table for a batch of refunds: one call reads all, one call writes all.

One failure of a batch stays one failure: its error stands in the refund's place.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from refunds.adapters.aws_errors import sorted_errors
from refunds.adapters.item import primary_key, to_refund
from refunds.domain.model import (
    AlreadyDecidedError,
    Refund,
    RefundNotFoundError,
    Status,
    UnavailableError,
    iso,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        BatchStatementErrorTypeDef,
        BatchStatementRequestTypeDef,
        KeysAndAttributesTypeDef,
    )

    from refunds.adapters.item import Item
    from refunds.domain.model import Results

# Before each attempt: what DynamoDB could not do now, it may do after a pause. botocore
# does not try again, because the answer as a whole is a success.
_PAUSES_S = (0, 0.05)
_PASSING = (
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "TransactionConflict",
)


@dataclass(frozen=True, slots=True)
class BatchStore:
    """The table; for at most 25 refunds at a time, the most that it writes at once.

    `retention`: how long after its decision DynamoDB may delete a refund; None: never.
    """

    client: DynamoDBClient
    table_name: str
    retention: timedelta | None = None

    def get(self, refund_ids: Iterable[str]) -> Results:
        """Return each refund as last written, or RefundNotFoundError in its place."""
        wanted = [primary_key(refund_id) for refund_id in refund_ids]
        results: Results = {_refund_id(key): RefundNotFoundError() for key in wanted}
        failure = UnavailableError("table", "UnprocessedKeys")
        for pause_s in _PAUSES_S:
            if not wanted:
                break
            time.sleep(pause_s)
            try:
                found, wanted = self._read(wanted)
            except UnavailableError as error:
                failure = error
                break
            results |= found
        return results | dict.fromkeys(map(_refund_id, wanted), failure)

    def save_decisions(self, decided: Iterable[Refund]) -> Results:
        """Write decisions of PENDING refunds, each once and for all.

        An AlreadyDecidedError stands for a refund that is no longer PENDING, a
        RefundNotFoundError for one that is gone. A repeat is safe.
        """
        results: Results = {refund.refund_id: refund for refund in decided}
        unwritten = [
            refund for refund in results.values() if isinstance(refund, Refund)
        ]
        for pause_s in _PAUSES_S:
            if not unwritten:
                break
            time.sleep(pause_s)
            tried = self._write(unwritten)
            results |= tried
            unwritten = [one for one in unwritten if _passes(tried[one.refund_id])]
        return results

    def _read(self, keys: Sequence[Item]) -> tuple[Results, list[Item]]:
        """Return the refunds that there are, and the keys that were not looked up."""
        wanted: KeysAndAttributesTypeDef = {"Keys": keys, "ConsistentRead": True}
        asked = set(map(_refund_id, keys))
        with sorted_errors("table"):
            answer = self.client.batch_get_item(RequestItems={self.table_name: wanted})
            items = answer["Responses"].get(self.table_name, [])
            found = {_refund_id(item): _refund_or_error(item) for item in items}
            unprocessed = answer.get("UnprocessedKeys", {}).get(self.table_name)
            left: list[Item] = list(unprocessed["Keys"]) if unprocessed else []
            if not asked.issuperset(found.keys() | set(map(_refund_id, left))):
                raise LookupError("the answer is about refunds that were not asked for")
        return found, left

    def _write(self, decided: Sequence[Refund]) -> Results:
        statements = [
            _decision_statement(self.table_name, one, self.retention) for one in decided
        ]
        try:
            with sorted_errors("table"):
                answer = self.client.batch_execute_statement(Statements=statements)
                return {
                    refund.refund_id: _sorted_error(response["Error"])
                    if "Error" in response
                    else refund
                    for refund, response in zip(
                        decided, answer["Responses"], strict=True
                    )
                }
        except UnavailableError as error:
            return {refund.refund_id: error for refund in decided}


def _decision_statement(
    table_name: str, decided: Refund, retention: timedelta | None
) -> BatchStatementRequestTypeDef:
    """Return the write of a decision, which a refund that is not PENDING refuses.

    It takes the refund out of the index of the undecided ones.
    """
    written = _written_by(decided, retention)
    key = primary_key(decided.refund_id)
    sets = " ".join(f'SET "{name}" = ?' for name in written)
    return {
        "Statement": f'UPDATE "{table_name}" {sets} REMOVE "GSI2PK" REMOVE "GSI2SK"'
        ' WHERE "PK" = ? AND "SK" = ? AND "status" = ?',
        "Parameters": [
            *written.values(),
            *[key["PK"], key["SK"], {"S": Status.PENDING}],
        ],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _written_by(
    decided: Refund, retention: timedelta | None
) -> dict[str, AttributeValueTypeDef]:
    """Return what a decision sets.

    `expiresAt`, in seconds since 1970: from then on the table's TTL may delete it. Only
    what is decided ever has one.
    """
    values = {
        "status": decided.status,
        "decisionReason": decided.decision_reason,
        "gatewayReference": decided.gateway_reference,
        "updatedAt": iso(decided.updated_at),
    }
    written: dict[str, AttributeValueTypeDef] = {
        name: {"S": value} for name, value in values.items() if value is not None
    }
    if retention is not None:
        expires_at = decided.updated_at + retention
        written["expiresAt"] = {"N": str(ceil(expires_at.timestamp()))}
    return written


def _sorted_error(error: BatchStatementErrorTypeDef) -> Exception:
    if error["Code"] != "ConditionalCheckFailed":
        return UnavailableError("table", error["Code"])
    if "Item" not in error:
        return RefundNotFoundError()
    stored = _refund_or_error(error["Item"])
    return AlreadyDecidedError(stored) if isinstance(stored, Refund) else stored


def _passes(result: Refund | Exception) -> bool:
    return isinstance(result, UnavailableError) and result.code in _PASSING


def _refund_or_error(item: Item) -> Refund | Exception:
    """Read an item; one that this service did not write stops no other."""
    try:
        return to_refund(item)
    except Exception as error:  # noqa: BLE001 - the record boundary: it fails alone
        return error


def _refund_id(key: Mapping[str, AttributeValueTypeDef]) -> str:
    return key["PK"]["S"].removeprefix("REFUND#")
