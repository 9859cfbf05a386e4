"""A running LocalStack as its users see it, whoever started it."""

from dataclasses import dataclass
from pathlib import Path

import boto3

from harness.emulator.session import DEFAULT_ACCOUNT, session

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Emulator:
    """How to reach a LocalStack, and how its functions reach this machine.

    A server for the functions binds to ``listen_address``; the functions call it by the
    name ``host_address``, and this machine's own processes by ``listen_address``.
    """

    mode: str
    description: str
    endpoint_url: str
    region: str
    log: str
    host_address: str = LOOPBACK
    listen_address: str = LOOPBACK
    container_id: str = ""

    def session(self, account_id: str = DEFAULT_ACCOUNT) -> boto3.Session:
        """Return a session whose clients and resources talk to this LocalStack."""
        return session(self.endpoint_url, self.region, account_id)

    def describe(self) -> str:
        """One line: which LocalStack this is, and where."""
        return self.description

    @property
    def log_path(self) -> Path:
        """LocalStack's log, written while it runs."""
        return Path(self.log)

    def log_text(self, start: int = 0) -> str:
        """Return the log from byte ``start`` on."""
        with self.log_path.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")
