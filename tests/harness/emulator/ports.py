"""Ports of this machine."""

import socket

from harness.errors import HarnessError

HOST = "127.0.0.1"


def free_port(wanted: int | None = None) -> int:
    """Return ``wanted`` if nothing listens there on loopback; else a free port.

    Raises:
        HarnessError: the port that was asked for is taken.

    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted or 0))
        except OSError as error:
            raise HarnessError(
                f"port {wanted} is taken ({error.strerror}): stop what listens there, "
                "or choose another port"
            ) from None
        port: int = probe.getsockname()[1]
        return port
