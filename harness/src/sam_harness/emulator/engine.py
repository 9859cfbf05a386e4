"""The Docker engine that LocalStack's container runs on, and the tie between both."""

import contextlib
import gc
import socket
import threading
import warnings
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path

from docker.errors import DockerException
from docker.models.containers import Container
from docker.utils.socket import STDOUT, SocketError, frames_iter
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.utils import inside_container

from sam_harness import processes
from sam_harness.errors import HarnessError

LOCAL = {"localhost", "127.0.0.1", "::1"}
ANSWER_TIMEOUT_S = 10
# One step of an image's build may be silent for this long.
STEP_TIMEOUT_S = 600


def connect() -> DockerClient:
    """Return a client of the engine that testcontainers would take.

    Raises:
        HarnessError: none answers, or it is on another machine.
    """
    client = _connect()
    if not _is_on_this_machine(client):
        client.client.close()
        raise HarnessError(
            "the Docker engine is on another machine, or this is a container itself: "
            "ports that it publishes on 127.0.0.1 cannot be reached from here"
        )
    client.client.api.timeout = STEP_TIMEOUT_S
    return client


def listen_address(client: DockerClient) -> str:
    """Return where a server here must listen for containers to reach it.

    On Linux that is the bridge's address, which belongs to this machine. Docker Desktop
    has its bridge in a virtual machine, and passes calls on to this machine's loopback.
    """
    bridge = _bridge_address(client)
    return bridge if _can_listen_on(bridge) else "127.0.0.1"


class Lifeline:
    """The connection that a container lives by: its input, its output into a file.

    The container's first process reads what to run from its input and ends when that
    closes (see sam_harness.processes). The engine closes it when this
    connection ends: closed here, or by the death of this process.
    """

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
        self._socket.sendall(processes.order(command, env=env, cwd=cwd))

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


def _connect() -> DockerClient:
    # docker-py leaves the socket of a failed attempt to the garbage collector.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        try:
            return DockerClient(timeout=ANSWER_TIMEOUT_S)
        except DockerException as error:
            why = str(_root(error))
        gc.collect()
    raise HarnessError(f"no Docker engine answers ({why})")


def _is_on_this_machine(client: DockerClient) -> bool:
    if client.host() not in LOCAL:
        return False
    # Some machines look like a container; in a real one the bridge is out of reach.
    return not inside_container() or _can_listen_on(_bridge_address(client))


def _bridge_address(client: DockerClient) -> str:
    for network in client.client.networks.list(names=["bridge"]):
        for configured in network.attrs["IPAM"]["Config"] or []:
            # Some engines leave it out when it is the first of the subnet.
            first = ip_network(configured["Subnet"]).network_address + 1
            return str(configured.get("Gateway") or first)
    return ""


def _can_listen_on(address: str) -> bool:
    if not address:
        return False
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _root(error: BaseException) -> BaseException:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error
