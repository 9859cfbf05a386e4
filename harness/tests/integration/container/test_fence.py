"""What the container, and a function in it, can reach of this machine: one address."""

import socket

import pytest
from docker.models.containers import Container

from harness.tests.integration.emulator.functions import Functions
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.emulator_mode(
    "container", reason="it is about the container's fence"
)

LOOKS_AROUND = """
    import glob
    import os
    from pathlib import Path

    def is_writable(directory):
        try:
            Path(directory, "probe").touch()
        except OSError:
            return False
        return True

    def handler(event, context):
        status = dict(
            line.split(":\\t", 1)
            for line in Path("/proc/self/status").read_text().splitlines()
            if ":\\t" in line
        )
        return {
            "uid": os.getuid(),
            "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
            "no_new_privileges": status["NoNewPrivs"],
            "writable": [d for d in event if is_writable(d)],
            "sockets": glob.glob("/run/*.sock") + glob.glob("/var/run/*.sock"),
            "devices": glob.glob("/dev/[shv]d*") + glob.glob("/dev/nvme*"),
        }
"""


def test_the_port_is_published_on_loopback_only(
    container: Container, emulator: Emulator
) -> None:
    """No other machine on the network can call this LocalStack."""
    published = container.attrs["NetworkSettings"]["Ports"]
    hosts = {bound["HostIp"] for bindings in published.values() for bound in bindings}
    port = int(emulator.endpoint_url.rpartition(":")[2])

    assert hosts == {"127.0.0.1"}
    assert list(published) == [f"{port}/tcp"]
    if emulator.listen_address != "127.0.0.1":  # Docker Desktop shows no other address
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((emulator.listen_address, port), timeout=5)


def test_nothing_of_this_machine_is_mounted(container: Container) -> None:
    """Not the engine's socket in particular: that would be root on this machine."""
    settings = container.attrs["HostConfig"]

    assert container.attrs["Mounts"] == []
    assert not settings["Binds"]
    assert not settings["Devices"]
    assert not settings["VolumesFrom"]


def test_the_container_has_no_privileges(container: Container) -> None:
    """Asked for nothing, gave up what is given by default."""
    settings = container.attrs["HostConfig"]

    assert settings["Privileged"] is False
    assert settings["CapDrop"] == ["ALL"]
    assert not settings["CapAdd"]
    assert settings["SecurityOpt"] == ["no-new-privileges"]
    assert settings["ReadonlyRootfs"] is True
    assert settings["NetworkMode"] != "host"
    assert settings["PidMode"] == ""


def test_a_function_is_nobody_in_there(functions: Functions) -> None:
    """What the settings are meant to do, seen from where it matters."""
    function = functions.create(LOOKS_AROUND)

    seen = function.invoke(["/", "/etc", "/opt", "/usr/lib/localstack", "/tmp"])  # noqa: S108 - the container's own

    assert seen.payload == {
        "uid": 10001,
        "capabilities": 0,
        "no_new_privileges": "1",
        "writable": ["/tmp"],  # noqa: S108 - the container's own
        "sockets": [],
        "devices": [],
    }
