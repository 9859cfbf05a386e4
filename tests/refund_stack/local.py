"""``make local``: the refund stack stays up until Ctrl-C, ready for curl."""

import argparse
import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from harness.environments import ROOT
from harness.errors import HarnessError, UsageError
from refund_stack.console import Progress, run_command
from refund_stack.published import forget, published
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
    port = _checked(parser.parse_args(argv).port)
    console = Console(soft_wrap=True)
    log_path = DIRECTORY / "localstack.log"
    with (
        _alone(),
        Progress(console) as progress,
        running(
            NAME,
            port=port or _usual_port(progress),
            log_path=log_path,
            on_progress=progress.step,
        ) as service,
        published(service, DIRECTORY),
    ):
        progress.close()
        console.print(_examples(service), markup=False, highlight=False)
        _wait(service)
    return 0


def _checked(port: int | None) -> int | None:
    if port is not None and not 0 < port < 65536:
        raise UsageError(f"--port {port}: a port is a number from 1 to 65535")
    return port


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


def _wait(service: Running) -> None:
    starter = os.getppid()
    try:
        while service.emulator.is_running and not _is_abandoned(starter):
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nstopping …", file=sys.stderr)
        return
    if service.emulator.is_running:
        return
    raise HarnessError(f"LocalStack ended by itself: see {service.emulator.log_path}")


def _is_abandoned(starter: int) -> bool:
    """Tell whether tox is gone: one that is terminated leaves its command behind."""
    return "TOX_ENV_NAME" in os.environ and os.getppid() != starter


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
        forget(DIRECTORY)  # one that was killed could not
        yield


if __name__ == "__main__":
    sys.exit(run_command(main))
