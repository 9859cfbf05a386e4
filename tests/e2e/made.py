"""The refunds that a test asked for; their records go when it is over."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from sam_harness.waiting import wait_until
from service.client import RefundClient

if TYPE_CHECKING:
    from types_boto3_dynamodb.service_resource import Table

# Cold starts included; a stage that needs longer is not fit for use.
DECISION_TIMEOUT_S = 60.0


@dataclass(slots=True)
class Made:
    """Asks for refunds and remembers them."""

    client: RefundClient
    table: "Table"
    _refund_ids: set[str] = field(default_factory=set)
    _abandoned: set[str] = field(default_factory=set)

    def post(
        self, order_id: str, amount: str, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Ask for a refund."""
        answer = self.client.post(order_id, amount, "e2e test", headers=headers)
        if answer.status_code == requests.codes.accepted:
            self._refund_ids.add(answer.json()["refundId"])
        return answer

    def wait_until_final(self, refund_id: str) -> str:
        """Return the refund's final status."""
        refund = wait_until(
            lambda: self.client.refund(refund_id),
            lambda seen: bool(seen["status"] != "PENDING"),
            what=f"refund {refund_id} to be decided",
            timeout_s=DECISION_TIMEOUT_S,
            poll_s=0.25,
        )
        return str(refund["status"])

    def abandon(self, refund_id: str) -> None:
        """Remember that this refund stays PENDING: its message is gone."""
        self._abandoned.add(refund_id)

    def remove(self) -> None:
        """Remove the records, each once it is decided.

        A record removed earlier would leave a message about a refund that is not there.
        """
        for refund_id in self._refund_ids - self._abandoned:
            self.wait_until_final(refund_id)
        for refund_id in self._refund_ids:
            key = {"PK": f"REFUND#{refund_id}", "SK": "REFUND"}
            self.table.delete_item(Key=key)
