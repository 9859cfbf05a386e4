"""LocalStack as a subprocess: no Docker, no image, no licence."""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Self

import boto3

from sam_harness import processes, project
from sam_harness.emulator import choice
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT, REGION, Emulator, session
from sam_harness.emulator.environment import (
    MODULE,
    SERVICES,
    STATIC_LIBRARIES,
    common,
    lambda_runtimes,
    plugin_site,
    static_libraries,
)
from sam_harness.emulator.ready import undone_on_failure, wait_until_ready
from sam_harness.environments import OWN, python_for, python_of
from sam_harness.errors import HarnessError

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
# It is gone in 0.1 s, but not where others have the processors.
STOP_TIMEOUT_S = 60.0


class EmbeddedLocalStack:
    """A LocalStack of its own: port, files and processes.

    Use it as a context manager, or call ``start`` and ``stop``. However this process
    ends, SIGKILL included, LocalStack and its files go with it. ``also_runs`` are the
    runtimes that functions may have beside the harness's own. ``variables`` are
    environment variables for LocalStack, over ours.
    """

    region = REGION

    def __init__(  # noqa: PLR0913 - what can be chosen of a LocalStack
        self,
        *,
        port: int | None = None,
        services: Collection[str] = SERVICES,
        also_runs: Collection[str] = (),
        variables: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        on_progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._wanted_port = port
        self._services = services
        self._runtimes = dict.fromkeys([OWN, *also_runs])
        self._variables = variables or {}
        self._wanted_log = log_path
        self.on_progress = on_progress
        self._process: processes.Supervised | None = None
        self._directory: Path | None = None
        self._port = 0
        self._version = ""

    def start(self) -> Self:
        """Start and wait until our plugin answers.

        Raises:
            HarnessError: what ``begin`` or ``wait_until_ready`` raises.
        """
        return self.begin().wait_until_ready()

    def begin(self) -> Self:
        """Start it; it has an address from here on, and answers after a second or two.

        Raises:
            HarnessError: the port is taken, a piece of LocalStack is missing, or this
                system is not Linux: before anything is installed.
        """
        choice.require_linux()
        localstack = python_of("localstack")
        functions = {name: str(python_for(name)) for name in self._runtimes}
        libraries = static_libraries(localstack)
        self._port = free_port(self._wanted_port)
        self.on_progress(f"starting LocalStack on port {self._port}")
        with undone_on_failure(self.stop):
            # Named before it is made: a signal in between would leave it behind.
            name = f"localstack-{secrets.token_hex(8)}"
            self._directory = directory = Path(tempfile.gettempdir(), name)
            directory.mkdir(mode=0o700)
            (directory / "tmp").mkdir()
            shared = directory / "root" / STATIC_LIBRARIES
            shared.parent.mkdir(parents=True)
            shared.symlink_to(libraries)
            self._process = self._launch(localstack, functions, directory)
        return self

    def wait_until_ready(self) -> Self:
        """Wait until our plugin answers.

        Raises:
            HarnessError: LocalStack did not come up; holds the end of its log.
        """
        if not (process := self._process):
            raise HarnessError("this LocalStack was not started")
        with undone_on_failure(self.stop):
            health = wait_until_ready(
                self.endpoint_url,
                self.log_path,
                timeout_s=START_TIMEOUT_S,
                has_ended=lambda: process.has_ended,
            )
            if health["pid"] != process.pid:
                raise HarnessError(
                    f"another LocalStack, process {health['pid']}, took port "
                    f"{self._port} first: try again"
                )
        self._version = health["version"]
        self.on_progress(f"{self._described()} is ready")
        return self

    def stop(self) -> None:
        """End LocalStack and everything it started, and remove its files."""
        if self._process:
            self._process.end(STOP_TIMEOUT_S)
            self._process = None
        if self._directory:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """Where every service of this LocalStack answers."""
        return f"http://{HOST}:{self._port}"

    @property
    def log_path(self) -> Path:
        """LocalStack's log; removed with the rest unless asked for by name."""
        if self._wanted_log:
            return self._wanted_log
        if not self._directory:
            raise HarnessError("this LocalStack is not running: it has no log")
        return self._directory / "localstack.log"

    @property
    def pid(self) -> int:
        """LocalStack's process id."""
        if not self._process:
            raise HarnessError("this LocalStack is not running")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether its process still lives."""
        return self._process is not None and not self._process.has_ended

    def session(
        self, account_id: str = DEFAULT_ACCOUNT, token: str | None = None
    ) -> boto3.Session:
        """Return a session whose clients and resources talk to this LocalStack."""
        return session(self.endpoint_url, account_id, token)

    @property
    def emulator(self) -> Emulator:
        """What its users need to know."""
        return Emulator(
            mode=choice.EMBEDDED,
            description=self._described(),
            endpoint_url=self.endpoint_url,
            log=str(self.log_path),
        )

    def _described(self) -> str:
        name = f"LocalStack {self._version}".strip()  # it tells when it is ready
        return f"{name}, embedded, at {self.endpoint_url}"

    def _launch(
        self, localstack: Path, functions: Mapping[str, str], directory: Path
    ) -> processes.Supervised:
        address = f"{HOST}:{self._port}"
        told = common(listen=address, reachable_at=address, services=self._services)
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as output:
            return processes.start(
                [str(localstack), "-m", MODULE],
                env={**_surroundings(functions, directory), **told, **self._variables},
                cwd=directory,
                output=output,
                scratch=directory,
            )


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


def _surroundings(functions: Mapping[str, str], directory: Path) -> dict[str, str]:
    return {
        **lambda_runtimes(functions),
        "PYTHONPATH": str(plugin_site()),
        "PATH": os.defpath,
        "HOME": str(directory),
        "TMPDIR": str(directory / "tmp"),
        "FILESYSTEM_ROOT": str(directory / "root"),
        # It takes some machines for a container.
        "OVERRIDE_IN_DOCKER": "0",
        "XDG_CACHE_HOME": str(project.current().cache / "localstack"),
    }
