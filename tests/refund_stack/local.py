"""``make local``: the refund stack stays up until Ctrl-C, ready for curl."""

import argparse
import fcntl
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from harness.environments import ROOT
from harness.errors import HarnessError, UsageError
from refund_stack.console import Progress, run_command
from refund_stack.published import published
from refund_stack.running import Running, running

NAME = "refunds-local"
DIRECTORY = ROOT / ".local"
HOST = "127.0.0.1"
PORT = 4566  # LocalStack's own, so that other tools find it without being told

EXAMPLES = """\
In another terminal (or `. .local/stack.env` first and use its names):

curl -i -X POST {api_url}/refunds \\
  -H 'x-api-key: {api_key}' -H 'Content-Type: application/json' \\
  -d '{{"orderId": "A-1001", "amount": 49.90, "reason": "damaged"}}'

curl -s '{api_url}/refunds?orderId=A-1001' -H 'x-api-key: {api_key}'

The payment gateway can be told to fail (ok, hang, fail, reset, slow, decline):
curl -X PUT {gateway}/control/mode -d '{{"mode": "hang"}}'

LocalStack's log: {log}
Ctrl-C stops everything."""


def main(argv: Sequence[str]) -> int:
    """Run until interrupted; 0 is returned when that was Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="make local",
        description="Deploys the refund service to a LocalStack without Docker and "
        "keeps it running until Ctrl-C. While it runs, .local/stack.env (for a "
        "shell) and .local/stack.json say where everything is.",
    )
    parser.add_argument(
        "--port",
        type=int,
        help=f"LocalStack's port; without it {PORT}, or a free one where it is taken",
    )
    arguments = parser.parse_args(argv)
    console = Console(soft_wrap=True)
    log_path = DIRECTORY / "localstack.log"
    with _alone(), Progress(console) as progress:
        port = _port(arguments.port, progress)
        with (
            running(
                NAME, port=port, log_path=log_path, on_progress=progress.step
            ) as service,
            published(service, DIRECTORY),
        ):
            progress.close()
            console.print(_examples(service), markup=False, highlight=False)
            _wait(service)
    return 0


def _port(asked: int | None, progress: Progress) -> int | None:
    if asked is not None:
        if not 0 < asked < 65536:
            raise UsageError(f"--port {asked}: a port is a number from 1 to 65535")
        return asked
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


def _wait(service: Running) -> None:
    try:
        while service.emulator.is_running:
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nstopping …", file=sys.stderr)
        return
    raise HarnessError(f"LocalStack ended by itself: see {service.emulator.log_path}")


@contextmanager
def _alone() -> Iterator[None]:
    """Keep a second one in this checkout from overwriting the first one's files."""
    DIRECTORY.mkdir(exist_ok=True)
    with (DIRECTORY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarnessError(
                "`make local` already runs in this checkout: use it "
                "(.local/stack.env), or stop it first"
            ) from None
        yield


if __name__ == "__main__":
    sys.exit(run_command(main))
