"""The payment gateway: the real one over HTTP, and a simulated one.

Both are a `refunds.domain.ports.PaymentGateway`. The contract of the real one:
docs/gateway-contract.md.
"""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol

import urllib3
from urllib3.exceptions import HTTPError

from refunds.domain.decision import Approval, Decline
from refunds.domain.model import (
    GatewayFailureError,
    GatewayOutError,
    OutOfTimeError,
    PaymentPendingError,
)

if TYPE_CHECKING:
    from refunds.domain.model import Refund
    from refunds.domain.payment import Currency

# Their bodies name an outcome. Every other 4xx is our mistake or a passing state; so is
# 409: gateways give it to a call whose twin, with the same key, is under way.
_TELLING = (200, 201, 202, 402, 422)
_UNAUTHORIZED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
# Of the 4xx those that are not about the refund: credentials, address, time, load.
_OUT = (401, 403, 404, 408, 429)
_MAX_ANSWER_BYTES = 64 * 1024
_MAX_TEXT_CHARACTERS = 500


class Credentials(Protocol):
    """The value of `Authorization`, which is rotated."""

    def value(self) -> str:
        """Return the value."""

    def after_refusal_of(self, refused: str) -> str:
        """Return what may have replaced a value that the gateway refuses."""


class HttpGateway:
    """POST {url}/refunds, with the refundId as Idempotency-Key, and GET of each."""

    def __init__(  # noqa: PLR0913 - what a connection is made of
        self,
        url: str,
        connect_timeout_s: float,
        read_timeout_s: float,
        *,
        connections: int,
        currency: Currency,
        credentials: Credentials | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/refunds"
        self._currency = currency
        self._credentials = credentials
        self.call_timeout_s = connect_timeout_s + read_timeout_s
        # Retrying is the queue's work: it waits longer and gives up into the DLQ. This
        # turns redirects off as well.
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=connections,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_timeout_s, read=read_timeout_s),
        )

    def look_up(self, refund: Refund) -> Approval | Decline | None:
        """Ask what became of the refund; None is a 404: never seen."""
        answer = self._call(_Request("GET", f"{self._url}/{refund.refund_id}", {}))
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if answer.status != HTTPStatus.OK:
            raise _failure(answer, f"status {answer.status} to a look-up")
        return _sorted_answer(answer)

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Order the payment; a repeat is safe while the gateway knows the key."""
        order = {
            "refundId": refund.refund_id,
            "orderId": refund.request.order_id,
            "amount": self._currency.text(refund.request.amount),
            "currency": self._currency.code,
            "reason": refund.request.reason,
        }
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": refund.refund_id,
        }
        body = json.dumps(order).encode()
        return _sorted_answer(self._call(_Request("POST", self._url, headers, body)))

    def _call(self, request: _Request) -> _Answer:
        """Call the gateway, once more if its credentials have just been replaced."""
        if self._credentials is None:
            return self._send(request)
        # By the wall clock, which also counts while the environment is frozen.
        latest = time.time() + self.call_timeout_s
        value = self._credentials.value()
        answer = self._send(request.authorized(value, latest))
        if answer.status in _UNAUTHORIZED:
            replaced = self._credentials.after_refusal_of(value)
            if replaced != value:
                answer = self._send(request.authorized(replaced, latest))
        return answer

    def _send(self, request: _Request) -> _Answer:
        try:
            response = self._pool.request(
                request.method,
                request.url,
                body=request.body,
                headers=request.headers,
                preload_content=False,
            )
            content = response.read(_MAX_ANSWER_BYTES + 1)
            if len(content) > _MAX_ANSWER_BYTES:
                response.close()
            response.release_conn()
        except HTTPError as error:
            raise GatewayOutError(type(error).__name__) from error
        return _Answer(response.status, content)


class _Request(NamedTuple):
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None

    def authorized(self, value: str, latest: float) -> _Request:
        """Return the request with credentials, unless it is too late for it."""
        if time.time() > latest:
            raise OutOfTimeError("reading the gateway's credentials took too long")
        return self._replace(headers=self.headers | {"Authorization": value})


class _Answer(NamedTuple):
    status: int
    content: bytes


class SimulatedGateway:
    """Approves everything but order ids that start with SIM-TIMEOUT- or SIM-DECLINE-.

    A timeout is raised at once, without the wait, and is that order's own: the others
    are no outage. It remembers nothing: a look-up never finds anything.
    """

    call_timeout_s = 0.0

    def look_up(self, refund: Refund) -> None:
        """Find nothing."""

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Answer as the order id asks."""
        if refund.request.order_id.startswith("SIM-TIMEOUT-"):
            raise GatewayFailureError("simulated timeout")
        if refund.request.order_id.startswith("SIM-DECLINE-"):
            return Decline("declined by the simulated gateway")
        return Approval(f"simulated-{refund.refund_id}")


def _sorted_answer(answer: _Answer) -> Approval | Decline:
    """Sort an answer by what it says by name; what says nothing is a failure."""
    if answer.status in _TELLING:
        fields = _fields(answer.content)
        reason = _text(fields.get("reason"))
        match answer.status, fields.get("status"):
            case ((200 | 201), "succeeded"):
                if reference := _text(fields.get("reference")):
                    return Approval(reference)
            case ((200 | 201), ("declined" | "failed") as said):
                return Decline(reason or f"{said} at the payment gateway")
            case ((200 | 201 | 202), "pending"):
                raise PaymentPendingError("the gateway is not done")
            case ((402 | 422), (None | "declined" | "failed")) if reason:
                return Decline(reason)
        raise GatewayFailureError(f"status {answer.status} without a known outcome")
    raise _failure(answer, f"status {answer.status}")


def _failure(answer: _Answer, problem: str) -> GatewayFailureError:
    """Return the failure: an outage, unless it may be about this refund alone."""
    is_out = answer.status in _OUT or answer.status // 100 in {3, 5}
    return (GatewayOutError if is_out else GatewayFailureError)(problem)


def _fields(answer: bytes) -> dict[str, object]:
    try:
        parsed: object = json.loads(answer)
    except (ValueError, RecursionError):
        parsed = None
    if len(answer) > _MAX_ANSWER_BYTES or not isinstance(parsed, dict):
        raise GatewayOutError("the answer is not a JSON object")
    return parsed


def _text(value: object) -> str | None:
    """Return text that can be stored, cut to a sane length, or None."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value[:_MAX_TEXT_CHARACTERS].encode(errors="replace").decode()
