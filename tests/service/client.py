"""An HTTP client of the refund API, as a merchant's back office would write it."""

from dataclasses import dataclass
from typing import Any

import requests

from sam_harness.waiting import wait_until
from service.deployed import RefundService

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class RefundClient:
    """Calls the API of one stack with its key."""

    stack: RefundService

    def post(
        self,
        order_id: str,
        amount: str,
        reason: str = "damaged",
        *,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Ask for a refund of ``amount`` (a decimal as text)."""
        # Up to 9,999,999.99 a float prints the very digits it was made from.
        body = {"orderId": order_id, "amount": float(amount), "reason": reason}
        return self.post_json(body, headers=headers)

    def post_json(
        self, body: object, *, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send any JSON body to ``POST /refunds``."""
        return requests.post(
            f"{self.stack.api_url}/refunds",
            json=body,
            headers={"x-api-key": self.stack.api_key, **(headers or {})},
            timeout=TIMEOUT_S,
        )

    def get(self, path: str, **query: str) -> requests.Response:
        """Get a path below the stage, such as ``/refunds/<refundId>``."""
        return self._get(f"{self.stack.api_url}{path}", query)

    def follow(self, location: str) -> requests.Response:
        """Get what a ``Location`` header names."""
        return self._get(f"{self.stack.origin}{location}", {})

    def refund(self, refund_id: str) -> dict[str, Any]:
        """Return the refund as the API shows it."""
        answer = self.get(f"/refunds/{refund_id}")
        answer.raise_for_status()
        shown: dict[str, Any] = answer.json()
        return shown

    def wait_for_status(
        self, refund_id: str, status: str, *, timeout_s: float = 20
    ) -> dict[str, Any]:
        """Return the refund once it has ``status``."""
        return wait_until(
            lambda: self.refund(refund_id),
            lambda refund: bool(refund["status"] == status),
            what=f"refund {refund_id} to become {status}",
            timeout_s=timeout_s,
        )

    def wait_until_decided(
        self, refund_id: str, *, timeout_s: float = 30
    ) -> dict[str, Any]:
        """Return the refund once it is no longer PENDING."""
        return wait_until(
            lambda: self.refund(refund_id),
            lambda refund: bool(refund["status"] != "PENDING"),
            what=f"refund {refund_id} to be decided",
            timeout_s=timeout_s,
        )

    def _get(self, url: str, query: dict[str, str]) -> requests.Response:
        return requests.get(
            url,
            params=query,
            headers={"x-api-key": self.stack.api_key},
            timeout=TIMEOUT_S,
        )
