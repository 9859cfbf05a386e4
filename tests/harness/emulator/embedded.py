"""LocalStack as a subprocess: no Docker, no image, no licence."""

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Self

import boto3

from harness.emulator import embedded_launch
from harness.emulator.localstack_environment import SERVICES, common
from harness.emulator.ports import HOST, free_port
from harness.emulator.readiness import ready_or_log_end, undone_on_failure
from harness.emulator.session import DEFAULT_ACCOUNT, session
from harness.errors import HarnessError
from harness.localstack_plugin import supervised

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0


class EmbeddedLocalStack:
    """A LocalStack of its own: port, files and processes.

    Use it as a context manager, or call ``start`` and ``stop``. However this process
    ends, SIGKILL included, LocalStack and its files go with it. ``variables`` are
    environment variables for LocalStack, over ours.
    """

    def __init__(  # noqa: PLR0913 - options, each with a default and by name
        self,
        *,
        port: int | None = None,
        region: str = "us-east-1",
        services: Collection[str] = SERVICES,
        variables: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        on_progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.region = region
        self._wanted_port = port
        self._services = services
        self._variables = variables or {}
        self._wanted_log = log_path
        self._on_progress = on_progress
        self._process: supervised.Supervised | None = None
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
            HarnessError: the port is taken, or a piece of LocalStack is missing.

        """
        pieces = embedded_launch.Pieces.ready()
        self._port = free_port(self._wanted_port)
        self._directory = Path(tempfile.mkdtemp(prefix="localstack-"))
        self._on_progress(f"starting LocalStack on port {self._port}")
        address = f"{HOST}:{self._port}"
        told = common(listen=address, reachable_at=address, services=self._services)
        with undone_on_failure(self.stop):
            self._process = embedded_launch.launch(
                pieces, {**told, **self._variables}, self._directory, self.log_path
            )
        return self

    def wait_until_ready(self) -> Self:
        """Wait until our plugin answers.

        Raises:
            HarnessError: LocalStack did not come up; holds the end of its log.

        """
        if not self._process:
            raise HarnessError("this LocalStack was not started")
        with undone_on_failure(self.stop):
            self._wait_until_ready(self._process)
        self._on_progress(f"{self.describe()} is ready")
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

    def session(self, account_id: str = DEFAULT_ACCOUNT) -> boto3.Session:
        """Return a session whose clients and resources talk to this LocalStack."""
        return session(self.endpoint_url, self.region, account_id)

    def describe(self) -> str:
        """One line: which LocalStack this is, and where."""
        name = f"LocalStack {self._version}".strip()  # it tells when it is ready
        return f"{name}, embedded, at {self.endpoint_url}"

    def _wait_until_ready(self, process: supervised.Supervised) -> None:
        health = ready_or_log_end(
            self.endpoint_url,
            self.log_path,
            timeout_s=START_TIMEOUT_S,
            has_ended=lambda: process.has_ended,
        )
        if health["pid"] != process.pid:
            raise HarnessError(
                f"another LocalStack, process {health['pid']}, took port {self._port} "
                "first: try again"
            )
        self._version = health["version"]
