"""The payment gateway: the real one over HTTP, and a simulated one.

Both are a `refunds.domain.ports.PaymentGateway`.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import HTTPError

from refunds.domain.decision import Approval, Decline
from refunds.domain.model import GatewayFailureError

if TYPE_CHECKING:
    from refunds.domain.model import Refund

# Final by the gateway's contract; every other 4xx is our mistake or a passing state.
# So is 409: gateways give it to a call whose twin, with the same key, is under way.
_DECLINED = (HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.UNPROCESSABLE_ENTITY)
_MAX_ANSWER_BYTES = 64 * 1024
_MAX_TEXT_CHARACTERS = 500


class HttpGateway:
    """POST {url}/refunds, with the refundId as Idempotency-Key."""

    def __init__(
        self,
        url: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        *,
        connections: int,
    ) -> None:
        self._url = url.rstrip("/") + "/refunds"
        self.call_timeout_s = connect_timeout_s + read_timeout_s
        # Retrying is the queue's work: it waits longer and gives up into the DLQ. This
        # turns redirects off as well.
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=connections,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_timeout_s, read=read_timeout_s),
        )

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Ask the gateway; a repeat is safe."""
        try:
            response = self._pool.request(
                "POST",
                self._url,
                body=_order(refund),
                headers={
                    "Content-Type": "application/json",
                    "Idempotency-Key": refund.refund_id,
                },
                preload_content=False,
            )
            answer = response.read(_MAX_ANSWER_BYTES + 1)
            if len(answer) > _MAX_ANSWER_BYTES:
                response.close()
            response.release_conn()
        except HTTPError as error:
            raise GatewayFailureError(type(error).__name__) from error
        return _sorted_answer(response.status, answer)


class SimulatedGateway:
    """Approves everything but order ids that start with SIM-TIMEOUT- or SIM-DECLINE-.

    A timeout is raised at once, without the wait.
    """

    call_timeout_s = 0.0

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Answer as the order id asks."""
        if refund.request.order_id.startswith("SIM-TIMEOUT-"):
            raise GatewayFailureError("simulated timeout")
        if refund.request.order_id.startswith("SIM-DECLINE-"):
            return Decline("declined by the simulated gateway")
        return Approval(f"simulated-{refund.refund_id}")


def _order(refund: Refund) -> bytes:
    return json.dumps(
        {
            "refundId": refund.refund_id,
            "orderId": refund.request.order_id,
            "amount": f"{refund.request.amount:.2f}",
            "reason": refund.request.reason,
        }
    ).encode()


def _sorted_answer(status: int, answer: bytes) -> Approval | Decline:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        fields = _fields(answer) if answer else {}
        return Approval(_text(fields.get("reference")))
    if status in _DECLINED:
        reason = _text(_fields(answer).get("reason"))
        if reason:
            return Decline(reason)
    raise GatewayFailureError(f"status {status}")


def _fields(answer: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(answer)
    except (ValueError, RecursionError):
        parsed = None
    if len(answer) > _MAX_ANSWER_BYTES or not isinstance(parsed, dict):
        raise GatewayFailureError("the answer is not a JSON object")
    return parsed


def _text(value: object) -> str | None:
    """Return text that can be stored, cut to a sane length, or None."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value[:_MAX_TEXT_CHARACTERS].encode(errors="replace").decode()
