"""The container ends with the run that started it, however that ends."""

# ruff: noqa: S603 - it starts runs to see them end

import contextlib
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container
from testcontainers.core.docker_client import DockerClient

from sam_harness.emulator.container import OWNER_LABEL, gone_is_fine, remove_leftovers
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.emulator_mode(
    "container", reason="it is about the container's end"
)

LOADS_THE_PLUGIN = 'pytest_plugins = ["sam_harness.pytest_plugin.plugin"]\n'
WAITS = """
import threading
from pathlib import Path

def test_that_passes():
    pass

def test_that_waits(emulator):
    told = Path(__file__).with_name("draft")
    told.write_text(f"{emulator.container_id} {emulator.log_path}")
    told.rename(told.with_name("told"))
    threading.Event().wait()
"""

TWO_WORKERS = ["-n", "2"]


def is_listed(engine: DockerClient, container_id: str) -> bool:
    """Whether the engine knows the container, in whatever state."""
    found = engine.client.api.containers(all=True, filters={"id": container_id})
    return bool(found)


def kill(run: subprocess.Popen[str]) -> None:
    """Leave no time to clean up."""
    run.kill()


def stop(run: subprocess.Popen[str]) -> None:
    """End the run as a CI system does."""
    run.terminate()


def interrupt(run: subprocess.Popen[str]) -> None:
    """Press Ctrl-C: the terminal sends it to all processes of the run."""
    os.killpg(run.pid, signal.SIGINT)


@pytest.fixture
def run(arguments: list[str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Yield a pytest run in a session of its own, one of whose tests waits for ever."""
    (tmp_path / "conftest.py").write_text(LOADS_THE_PLUGIN)
    (tmp_path / "test_waits.py").write_text(WAITS)
    command = [sys.executable, "-m", "pytest", "--disable-plugin-autoload",
               "-p", "no:cacheprovider", "-p", "xdist",
               "--rootdir", str(tmp_path), "--config-file", os.devnull,
               "--emulator", "container", *arguments, str(tmp_path)]  # fmt: skip
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        ([], interrupt),
        ([], stop),
        ([], kill),
        (TWO_WORKERS, interrupt),
        (TWO_WORKERS, kill),
    ],
    ids=["interrupted", "stopped", "killed", "interrupted-workers", "killed-workers"],
)
def test_no_container_survives_its_run(
    engine: DockerClient,
    run: subprocess.Popen[str],
    tmp_path: Path,
    end: Callable[[subprocess.Popen[str]], None],
) -> None:
    """Ctrl-C, a stopped CI job, and a kill that leaves no time to clean up."""
    told = tmp_path / "told"
    wait_until(
        lambda: (told.exists(), run.poll()),
        lambda seen: seen != (False, None),
        what="the run to be in its test",
        timeout_s=60,
    )
    assert told.exists(), run.communicate()[0]
    container_id, log = told.read_text().split()
    assert is_listed(engine, container_id)

    end(run)

    wait_until(
        lambda: is_listed(engine, container_id),
        lambda listed: not listed,
        what=f"container {container_id[:12]} to be gone",
        timeout_s=20,
    )
    if end is not kill:
        run.wait(timeout=20)
        assert not Path(log).exists()


@pytest.fixture
def abandoned(engine: DockerClient, container: Container) -> Iterator[Container]:
    """Yield a container whose owner died before it could start it."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    made = engine.client.containers.create(
        container.attrs["Image"],
        labels={OWNER_LABEL: f"{platform.node()}:{child.pid}"},
    )
    yield made
    with gone_is_fine():
        made.remove(force=True)


def test_the_next_run_removes_what_an_earlier_one_left(
    engine: DockerClient, abandoned: Container, container: Container, tmp_path: Path
) -> None:
    """The containers and logs of the dead; those of the living stay."""
    owner = int(abandoned.labels[OWNER_LABEL].rpartition(":")[2])
    dead, living = (tmp_path / f"{pid}-1.log" for pid in (owner, os.getpid()))
    dead.touch()
    living.touch()

    remove_leftovers(engine, tmp_path)

    assert not is_listed(engine, str(abandoned.id))
    assert is_listed(engine, str(container.id))
    assert [dead.exists(), living.exists()] == [False, True]
