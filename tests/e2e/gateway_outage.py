"""An outage of the payment gateway for one order, begun and ended from outside."""

from dataclasses import dataclass

import requests

TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class GatewayOutage:
    """Refunds of ``order_id`` are not answered by the payment gateway.

    ``can_end`` is false where the simulated gateway never answers such an order.
    """

    order_id: str
    control_url: str

    @property
    def can_end(self) -> bool:
        """Whether the gateway answers after ``end``."""
        return bool(self.control_url)

    def end(self) -> None:
        """Let the gateway answer again; a repeat changes nothing."""
        if self.control_url:
            requests.delete(
                f"{self.control_url}/mode",
                params={"orderIdPrefix": self.order_id},
                timeout=TIMEOUT_S,
            ).raise_for_status()


def simulated(order_id: str) -> GatewayOutage:
    """Return the outage that the simulated gateway shows for some order ids."""
    return GatewayOutage(f"SIM-TIMEOUT-{order_id}", "")


def controlled(control_url: str, order_id: str) -> GatewayOutage:
    """Tell the stage's payment gateway to hang for this order."""
    requests.put(
        f"{control_url}/mode",
        json={"mode": "hang", "orderIdPrefix": order_id},
        timeout=TIMEOUT_S,
    ).raise_for_status()
    return GatewayOutage(order_id, control_url)
