"""LocalStack as a subprocess: no Docker, no image, no licence."""

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3

from harness.emulator import plugin_site
from harness.emulator.localstack_environment import SERVICES, common
from harness.emulator.session import DEFAULT_ACCOUNT, session
from harness.environments import CACHE, python_of
from harness.errors import HarnessError
from harness.localstack_plugin import supervised

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_GRACE_S = 3.0
EXPECTED = {"executor": "process", "dynamodb": "moto"}
# LocalStack is asked without the proxy of the caller's environment.
_open = build_opener(ProxyHandler({})).open


class EmbeddedLocalStack:
    """A LocalStack of its own: port, files and processes; ends with its starter.

    Use it as a context manager, or call ``start`` and ``stop``.
    """

    def __init__(
        self,
        *,
        port: int | None = None,
        region: str = "us-east-1",
        services: Collection[str] = SERVICES,
        eager: bool = False,
        log_path: Path | None = None,
        on_progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.region = region
        self._wanted_port = port
        self._services = services
        self._eager = eager
        self._wanted_log = log_path
        self._on_progress = on_progress
        self._process: supervised.Supervised | None = None
        self._directory: Path | None = None
        self._port = 0
        self._version = ""

    def start(self) -> Self:
        """Start and wait until our plugin answers.

        Raises:
            HarnessError: the port is taken, or LocalStack did not come up; the message
                holds the end of its log.

        """
        pythons = python_of("localstack"), python_of("lambda-runtime")
        self._port = _free_port(self._wanted_port)
        self._directory = Path(tempfile.mkdtemp(prefix="localstack-"))
        self._on_progress(f"starting LocalStack on port {self._port}")
        try:
            self._launch(*pythons, self._directory)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._on_progress(f"{self.describe()} is ready")
        return self

    def stop(self) -> None:
        """End LocalStack and everything it started, and remove its files."""
        if self._process:
            self._process.end(STOP_GRACE_S + 10)
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
        return f"LocalStack {self._version}, embedded, at {self.endpoint_url}"

    def _launch(self, localstack: Path, runtime: Path, directory: Path) -> None:
        address = f"{HOST}:{self._port}"
        (directory / "tmp").mkdir()
        environment = {
            **common(
                listen=address,
                reachable_at=address,
                services=self._services,
                eager=self._eager,
            ),
            "LAMBDA_RUNTIME_PYTHON": str(runtime),
            "PYTHONPATH": str(plugin_site.live()),
            "PATH": os.defpath,
            "HOME": str(directory),
            "TMPDIR": str(directory / "tmp"),
            "FILESYSTEM_ROOT": str(directory / "root"),
            # It takes some machines for a container.
            "OVERRIDE_IN_DOCKER": "0",
            "XDG_CACHE_HOME": str(CACHE / "localstack"),
        }
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self._process = supervised.start(
                [str(localstack), "-m", "localstack.runtime.main"],
                env=environment,
                cwd=directory,
                output=log,
                grace_s=STOP_GRACE_S,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                active = self._get("/_harness/health")
                break
            except (URLError, OSError, ValueError) as error:
                seen = error
            if self._process and self._process.has_ended:
                raise HarnessError(f"LocalStack ended at once:\n{self._log_end()}")
            if time.monotonic() > deadline:
                raise HarnessError(
                    f"LocalStack was not ready after {START_TIMEOUT_S:.0f} s "
                    f"(last: {seen}):\n{self._log_end()}"
                )
            time.sleep(0.05)
        if active != EXPECTED:
            raise HarnessError(
                f"LocalStack runs without our plugin: {active}, not {EXPECTED}:\n"
                f"{self._log_end()}"
            )
        self._version = str(self._get("/_localstack/health")["version"])

    def _get(self, path: str) -> dict[str, object]:
        with _open(self.endpoint_url + path, timeout=5) as answer:
            told: dict[str, object] = json.load(answer)
        return told

    def _log_end(self, lines: int = 20) -> str:
        return "\n".join(
            self.log_path.read_text(errors="replace").splitlines()[-lines:]
        )


def _free_port(wanted: int | None) -> int:
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
