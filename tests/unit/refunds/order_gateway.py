"""The loopback payment gateway as one test sees it, and adapters to gateways."""

from dataclasses import dataclass

from refunds.adapters.gateway import HttpGateway
from service.payment_gateway import PaymentGateway
from service.payment_gateway_rules import Mode

# Patient wherever an answer is expected: the machine may be busy.
PATIENT_S = 5.0


def an_adapter(url: str, read_timeout_s: float = PATIENT_S) -> HttpGateway:
    """Return the service's adapter, connected to this URL."""
    return HttpGateway(url, PATIENT_S, read_timeout_s, connections=2)


@dataclass(frozen=True, slots=True)
class OrderGateway:
    """The loopback gateway as one test sees it: rules and charges of its order."""

    gateway: PaymentGateway
    order_id: str

    def behaves(self, mode: Mode, *, delay_s: float = 0) -> None:
        """Behave like this towards this test's orders."""
        self.gateway.set_mode(mode, delay_s=delay_s, order_id_prefix=self.order_id)

    def attempts(self) -> int:
        """How often the gateway was asked."""
        return sum(charge.attempts for charge in self.gateway.charges(self.order_id))

    def effects(self) -> int:
        """How often money moved."""
        return sum(charge.effects for charge in self.gateway.charges(self.order_id))
