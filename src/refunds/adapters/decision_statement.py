"""The PartiQL statement that writes one decision of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refunds.item import primary_key
from refunds.model import Status, iso

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import BatchStatementRequestTypeDef

    from refunds.model import Refund


def decision_statement(
    table_name: str, decided: Refund
) -> BatchStatementRequestTypeDef:
    """Return the write of a decision, which a refund that is not PENDING refuses."""
    values = {
        "status": decided.status,
        "decisionReason": decided.decision_reason,
        "gatewayReference": decided.gateway_reference,
        "updatedAt": iso(decided.updated_at),
    }
    written = {name: value for name, value in values.items() if value is not None}
    key = primary_key(decided.refund_id)
    sets = " ".join(f'SET "{name}" = ?' for name in written)
    return {
        "Statement": f'UPDATE "{table_name}" {sets}'
        ' WHERE "PK" = ? AND "SK" = ? AND "status" = ?',
        "Parameters": [
            *[{"S": value} for value in written.values()],
            *[key["PK"], key["SK"], {"S": Status.PENDING}],
        ],
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
