"""The connection that a container lives by: its input, and its output into a file.

The container's first process reads what to run from its input and ends when that closes
(see harness.processes). The engine closes it when this connection
ends, however that comes about: closed here, or by the death of this process.
"""

import contextlib
import socket
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from docker.models.containers import Container
from docker.utils.socket import STDOUT, SocketError, frames_iter

from harness import processes


class Lifeline:
    """Attached to one running container from the beginning to the end."""

    def __init__(self, container: Container, log_path: Path) -> None:
        self._log_path = log_path
        self._said = ""
        attached = container.attach_socket(
            params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        # docker-py gives a reader around the socket, or with TLS the socket.
        self._attached = attached
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._socket.settimeout(None)
        self._reader = threading.Thread(
            target=self._copy, name="container-log", daemon=True
        )

    def run(self, command: Sequence[str], env: Mapping[str, str], cwd: str) -> None:
        """Have the container run ``command`` with exactly ``env``."""
        self._reader.start()
        # All it has is in memory: there is nothing to end in good order.
        self._socket.sendall(processes.order(command, env=env, cwd=cwd, grace_s=0))

    @property
    def has_ended(self) -> bool:
        """Whether the container has."""
        return not self._reader.is_alive()

    @property
    def trouble(self) -> str:
        """Why the command could not be started; empty when it was."""
        return self._said.strip().lstrip("0123456789")

    def close(self, timeout_s: float) -> None:
        """Let the container end, and wait until it has."""
        with contextlib.suppress(OSError):  # it has ended by itself
            self._socket.shutdown(socket.SHUT_WR)
        if self._reader.ident:
            self._reader.join(timeout_s)
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        # The response first: closing it flushes what it reads from.
        if response := getattr(self._attached, "_response", None):
            response.close()
        self._attached.close()
        self._socket.close()

    def _copy(self) -> None:
        # The engine's connection ends without a goodbye when the container does.
        with (
            self._log_path.open("wb", buffering=0) as log,
            contextlib.suppress(OSError, SocketError, ValueError),
        ):
            for stream, data in frames_iter(self._attached, tty=False):
                if stream == STDOUT:
                    log.write(data)
                else:
                    self._said += data.decode(errors="replace")
