"""The payment gateway double: on loopback, it fails on demand and counts charges.

    python -m service.payment_gateway --port 8080

payment_gateway_server says what it answers, and how it is told to fail.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from typing import TYPE_CHECKING, Self

from service import loopback
from service.payment_gateway_server import GatewayServer

if TYPE_CHECKING:
    from types import TracebackType

    from service.payment_gateway_rules import Charge, Mode


class PaymentGateway:
    """The gateway as a context manager, in a thread of this process."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = GatewayServer((host, port))
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            name="payment-gateway",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port, also where 0 was asked for."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Base URL for clients on this machine; the controls are below /control."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End at once, whatever is in flight."""
        if self._thread.is_alive():
            loopback.stop(self._server)
            self._thread.join()
        self._server.server_close()

    def charges(self, order_id_prefix: str = "") -> list[Charge]:
        """Return the charges of all orders, or of some, oldest first."""
        return [
            charge
            for charge in self._server.ledger.charges()
            if charge.order_id.startswith(order_id_prefix)
        ]

    def payments(self, order_id_prefix: str = "") -> dict[str, int]:
        """Return how often each refund was paid, or is going to be."""
        return {one.refund_id: one.effects for one in self.charges(order_id_prefix)}

    def set_mode(
        self,
        mode: Mode,
        *,
        delay_s: float = 0,
        order_id_prefix: str = "",
        times: int = 0,
    ) -> None:
        """Behave like this from now on; the longest prefix that fits an order wins."""
        self._server.rules.put(mode, delay_s, order_id_prefix, times)

    def forget_keys(self, order_id_prefix: str = "") -> None:
        """Forget the keys of all orders, or of some."""
        self._server.ledger.forget_keys(order_id_prefix)

    def forget_keys_after(self, lifetime_s: float) -> None:
        """Forget every key this long after its first use."""
        self._server.ledger.key_lifetime_s = lifetime_s

    def remembered_keys(self) -> int:
        """Return how many keys are remembered."""
        return self._server.ledger.remembered_keys()

    def demand(self, authorization: str | None) -> None:
        """Answer 401 to all requests whose Authorization is another one."""
        self._server.ledger.authorization = authorization

    def clear_mode(self, order_id_prefix: str = "") -> None:
        """Forget the rule of this prefix."""
        self._server.rules.remove(order_id_prefix)

    def clear_modes(self) -> None:
        """Forget all rules: everything is approved again."""
        self._server.rules.remove(None)


def main() -> int:
    """Run the gateway until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m service.payment_gateway",
        description="A payment gateway for tests; payment_gateway_server tells more.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments = parser.parse_args()
    signals = {signal.SIGINT, signal.SIGTERM}
    # Blocked before any thread begins, so that only sigwait() gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        gateway = PaymentGateway(arguments.host, arguments.port)
    except OSError as error:
        place = f"{arguments.host}:{arguments.port}"
        print(f"error: can't listen on {place}: {error.strerror}", file=sys.stderr)
        return 1
    with gateway:
        print(gateway.url, flush=True)
        signal.sigwait(signals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
