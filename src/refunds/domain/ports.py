"""What the domain needs of the outside, for the type checker: nothing imports it else.

The store and the queue are single functions, so they are passed as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from refunds.domain.decision import Approval, Decline
    from refunds.domain.model import Refund


class PaymentGateway(Protocol):
    """Moves money back to the customer, at most once per refund."""

    @property
    def call_timeout_s(self) -> float:
        """How long a call may take before it counts as failed."""

    def look_up(self, refund: Refund) -> Approval | Decline | None:
        """Return what became of the refund; None: the gateway never heard of it.

        Raises:
            PaymentPendingError: the gateway is not done with it.
            GatewayFailureError: there is no answer, or none that can be trusted.
        """

    def pay_back(self, refund: Refund) -> Approval | Decline:
        """Return the gateway's final answer; a repeat is safe while it knows the key.

        Raises: as `look_up`.
        """


class Log(Protocol):
    """The log of one refund."""

    def info(self, message: str, **keys: object) -> None:
        """Log what happened."""

    def failure(self, message: str, cause: object, **keys: object) -> None:
        """Log, as an error, a failure that was foreseen; its cause is enough."""

    def unexpected(self, message: str, error: Exception) -> None:
        """Log an unforeseen error, with its stack."""
