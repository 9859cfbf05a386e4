"""The Docker engine that the container emulator runs on."""

import gc
import socket
import warnings
from ipaddress import ip_network

from docker.errors import DockerException
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.utils import inside_container

from harness.errors import HarnessError

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
