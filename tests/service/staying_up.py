"""A refund stack that stays up: what ``make local`` and ``make watch`` share."""

import argparse
import fcntl
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from harness.environments import ROOT
from harness.errors import HarnessError, UsageError
from refund_stack.console import Progress
from refund_stack.published import forget, published
from refund_stack.running import Running, running

NAME = "refunds-local"
DIRECTORY = ROOT / ".local"
HOST = "127.0.0.1"
PORT = 4566  # LocalStack's own, so that other tools find it without being told
LOOK_S = 0.5  # how often to look whether it should go on

EXAMPLES = """\
In another terminal (or `. .local/stack.env` first and use its names):

curl -i -X POST {api_url}/refunds \\
  -H 'x-api-key: {api_key}' -H 'Content-Type: application/json' \\
  -d '{{"orderId": "A-1001", "amount": 49.90, "reason": "damaged"}}'

curl -s '{api_url}/refunds?orderId=A-1001' -H 'x-api-key: {api_key}'

The payment gateway can be told to fail (ok, hang, fail, reset, slow, decline):
curl -X PUT {gateway}/control/mode -d '{{"mode": "hang"}}'

LocalStack's log: {log}"""


def port_of(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int | None:
    """Read a command line that may name LocalStack's port."""
    parser.add_argument(
        "--port",
        type=int,
        help=f"LocalStack's port; without it {PORT}, or a free one where it is taken",
    )
    port: int | None = parser.parse_args(argv).port
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"--port {port}: a port is a number from 1 to 65535")
    return port


@contextmanager
def staying_up(console: Console, port: int | None) -> Iterator[Running]:
    """Run the stack, publish where it is, and print how to use it."""
    with (
        _alone(),
        Progress(console) as progress,
        running(
            NAME,
            port=port or _usual_port(progress),
            log_path=DIRECTORY / "localstack.log",
            on_progress=progress.step,
        ) as service,
        published(service, DIRECTORY),
    ):
        progress.close()
        console.print(_examples(service), markup=False, highlight=False)
        yield service


def goes_on(service: Running, starter: int) -> bool:
    """Tell whether LocalStack runs and whoever started us (``starter``) still lives.

    Raises:
        HarnessError: LocalStack ended by itself.

    """
    # tox that is terminated leaves its command behind.
    if "TOX_ENV_NAME" in os.environ and os.getppid() != starter:
        return False
    if service.emulator.is_running:
        return True
    raise HarnessError(f"LocalStack ended by itself: see {service.emulator.log_path}")


def _usual_port(progress: Progress) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, PORT))
        except OSError:
            progress.step(f"port {PORT} is taken: using a free one")
            return None
    return PORT


def _examples(service: Running) -> str:
    return EXAMPLES.format(
        api_url=service.stack.api_url,
        api_key=service.stack.api_key,
        gateway=service.gateway.url,
        log=service.emulator.log_path,
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second one in this checkout from overwriting the first one's files."""
    DIRECTORY.mkdir(exist_ok=True)
    with (DIRECTORY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarnessError(
                "`make local` or `make watch` already runs in this checkout: use it "
                "(.local/stack.env), or stop it first"
            ) from None
        forget(DIRECTORY)  # one that was killed could not
        yield
