"""The loopback payment gateway as one test sees it, and adapters to gateways."""

from dataclasses import dataclass

from refunds.adapters.gateway import Credentials, HttpGateway
from refunds.domain.payment import Currency
from service.payment_gateway import PaymentGateway
from service.payment_gateway_rules import Mode

# Patient wherever an answer is expected: the machine may be busy.
PATIENT_S = 5.0


EURO = Currency("EUR", 2)


def an_adapter(
    url: str,
    read_timeout_s: float = PATIENT_S,
    *,
    currency: Currency = EURO,
    credentials: Credentials | None = None,
) -> HttpGateway:
    """Return the service's adapter, connected to this URL."""
    return HttpGateway(
        url,
        PATIENT_S,
        read_timeout_s,
        connections=2,
        currency=currency,
        credentials=credentials,
    )


@dataclass(frozen=True, slots=True)
class OrderGateway:
    """The loopback gateway as one test sees it: rules and charges of its order."""

    gateway: PaymentGateway
    order_id: str

    def behaves(self, mode: Mode, *, delay_s: float = 0, times: int = 0) -> None:
        """Behave like this towards this test's orders."""
        self.gateway.set_mode(
            mode, delay_s=delay_s, order_id_prefix=self.order_id, times=times
        )

    def forgets_keys(self) -> None:
        """Forget the keys of this test's orders, as after a day."""
        self.gateway.forget_keys(self.order_id)

    def look_ups(self) -> int:
        """How often the gateway was asked what it knows."""
        return sum(charge.look_ups for charge in self.gateway.charges(self.order_id))

    def attempts(self) -> int:
        """How often the gateway was told to pay."""
        return sum(charge.attempts for charge in self.gateway.charges(self.order_id))

    def effects(self) -> int:
        """How often money moved."""
        return sum(charge.effects for charge in self.gateway.charges(self.order_id))
