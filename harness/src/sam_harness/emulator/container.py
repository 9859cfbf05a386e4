"""LocalStack in a container: the same LocalStack and plugin as embedded, fenced in."""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Self

from docker.errors import APIError, DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from sam_harness import project
from sam_harness.emulator import choice, engine, image
from sam_harness.emulator.embedded import HOST, free_port
from sam_harness.emulator.emulator import Emulator
from sam_harness.emulator.engine import Lifeline
from sam_harness.emulator.environment import MODULE, common, lambda_runtimes
from sam_harness.emulator.ready import undone_on_failure, wait_until_ready
from sam_harness.environments import OWN
from sam_harness.errors import HarnessError

# The name by which Docker Desktop knows this machine; given to Linux engines too.
HOST_FROM_INSIDE = "host.docker.internal"
OWNER_LABEL = "sam_harness.owner"
COMMAND = ["/opt/localstack/bin/python", "-m", MODULE]
START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 60.0

# No capability, device, socket or writable file of this machine. Functions are unpacked
# to /tmp and may hold native libraries, so files there may be executed.
FENCE = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 4096,
}
WRITABLE = {
    "/tmp": "exec,nosuid,nodev,mode=1777",  # noqa: S108 - the container's own
    "/var/lib/localstack": "nosuid,nodev,mode=1777",
}


def _logs() -> Path:
    return project.current().cache / "container"


class ContainerLocalStack:
    """A LocalStack in a container of its own, which ends with its starter."""

    def __init__(self, on_progress: Callable[[str], None]) -> None:
        self._on_progress = on_progress
        self._container: DockerContainer | None = None
        self._lifeline: Lifeline | None = None
        self._port = 0
        self._version = ""

    def start(self) -> Self:
        """Start and wait until our plugin answers; builds the image when it is missing.

        Raises:
            HarnessError: no engine, no image, or LocalStack did not come up; then the
                message holds the end of its log.
        """
        # It would need its own image and the engine's socket; the lifeline does its
        # work without either.
        os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"
        client = engine.connect()
        with closing(client.client):
            logs = _logs()
            logs.mkdir(parents=True, exist_ok=True)
            remove_leftovers(client, logs)
            name = image.ensure(client, self._on_progress)
        with undone_on_failure(self.stop):
            self._wait_until_ready(self._launch(name))
        self._on_progress(f"{self._described()} is ready")
        return self

    def stop(self) -> None:
        """End LocalStack and remove its container and log."""
        if self._lifeline:
            self._lifeline.close(STOP_TIMEOUT_S)
            self._lifeline = None
        if self._container:
            with closing(self._container.get_docker_client().client), gone_is_fine():
                self._container.stop()
            self._container = None
        self.log_path.unlink(missing_ok=True)

    @property
    def endpoint_url(self) -> str:
        """Where every service of this LocalStack answers."""
        return f"http://{HOST}:{self._port}"

    @property
    def log_path(self) -> Path:
        """LocalStack's log, as long as it runs."""
        return _logs() / f"{os.getpid()}-{self._port}.log"

    def wait_until_ready(self) -> None:
        """Return: a container answers when it has started."""

    @property
    def emulator(self) -> Emulator:
        """What its users need to know."""
        if not self._container:
            raise HarnessError("this LocalStack is not running")
        return Emulator(
            mode=choice.CONTAINER,
            description=self._described(),
            endpoint_url=self.endpoint_url,
            log=str(self.log_path),
            host_address=HOST_FROM_INSIDE,
            listen_address=engine.listen_address(self._container.get_docker_client()),
            container_id=self._container.get_container_id(),
        )

    def _described(self) -> str:
        return f"LocalStack {self._version}, in a container, at {self.endpoint_url}"

    def _launch(self, name: str) -> Lifeline:
        self._port = free_port()
        self._on_progress(f"starting LocalStack in a container, on port {self._port}")
        self._container = _fenced(name, self._port)
        try:
            self._container.start()
            self._lifeline = Lifeline(
                self._container.get_wrapped_container(), self.log_path
            )
            self._lifeline.run(COMMAND, _environment(self._port), cwd="/tmp")  # noqa: S108 - its own
        except (DockerException, OSError) as error:
            raise HarnessError(
                f"LocalStack's container does not start: {error}"
            ) from error
        return self._lifeline

    def _wait_until_ready(self, lifeline: Lifeline) -> None:
        try:
            health = wait_until_ready(
                self.endpoint_url,
                self.log_path,
                timeout_s=START_TIMEOUT_S,
                has_ended=lambda: lifeline.has_ended,
            )
        except HarnessError as error:
            if not lifeline.trouble:
                raise
            raise HarnessError(f"{error}\n{lifeline.trouble}") from None
        self._version = health["version"]


def _fenced(image: str, port: int) -> DockerContainer:
    """Return a container, not started yet, that publishes one port on loopback.

    ``port`` is the same inside and outside: queue URLs hold it, and have to be right
    for the tests as for the functions.
    """
    container = DockerContainer(image)
    # Not on every interface, as with_exposed_ports and with_bind_ports would do.
    container.ports = {f"{port}/tcp": (HOST, port)}  # type: ignore[dict-item] # docker-py
    container.tmpfs = dict(WRITABLE)
    return container.with_kwargs(
        stdin_open=True,
        auto_remove=True,
        extra_hosts={HOST_FROM_INSIDE: "host-gateway"},
        labels={OWNER_LABEL: f"{platform.node()}:{os.getpid()}"},
        **FENCE,
    )


def _environment(port: int) -> dict[str, str]:
    return {
        **common(listen=f"0.0.0.0:{port}", reachable_at=f"{HOST}:{port}"),
        **lambda_runtimes({OWN: "/opt/lambda-runtime/bin/python"}),
        "PYTHONPATH": "/opt/harness",
        "PATH": os.defpath,
        "HOME": "/tmp",  # noqa: S108 - the container's own
        # As when embedded: LocalStack's ways are the same in both modes.
        "FILESYSTEM_ROOT": "/",
        "OVERRIDE_IN_DOCKER": "0",
    }


def remove_leftovers(client: DockerClient, logs: Path) -> None:
    """Remove the containers and logs whose owners are gone.

    A container that is attached ends with its owner; left are those whose owner was
    killed between making and attaching them.
    """
    listed = client.client.containers.list(
        all=True, filters={"label": OWNER_LABEL}, ignore_removed=True
    )
    for container in listed:
        host, _, pid = container.labels[OWNER_LABEL].rpartition(":")
        if host == platform.node() and not _lives(int(pid)):
            with gone_is_fine():
                container.remove(force=True, v=True)
    for log in logs.glob("*.log"):
        if not _lives(int(log.stem.partition("-")[0])):
            log.unlink(missing_ok=True)


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Ignore that a container to be removed is gone, or going by its own doing."""
    try:
        yield
    except APIError as error:
        if error.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            raise


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True
