"""``make local``: the service stays up until Ctrl-C, ready for curl.

While it runs, ``.local/stack.env`` and ``.local/stack.json`` say where everything is.
"""

import argparse
import fcntl
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from rich.console import Console

from sam_harness.errors import HarnessError
from sam_harness.live import staying
from service.checkout import ROOT
from service.console import Progress, run_command
from service.running import Running, running

NAME = "refunds-local"
DIRECTORY = ROOT / ".local"
FILES = ("stack.env", "stack.json")

EXAMPLES = """\
In another terminal (or `. .local/stack.env` first and use its names):

curl -i -X POST {api_url}/refunds \\
  -H 'x-api-key: {api_key}' -H 'Content-Type: application/json' \\
  -d '{{"orderId": "A-1001", "amount": 49.90, "reason": "damaged"}}'

curl -s '{api_url}/refunds?orderId=A-1001' -H 'x-api-key: {api_key}'

The payment gateway can be told to fail (ok, hang, fail, reset, slow, decline):
curl -X PUT {gateway}/control/mode -d '{{"mode": "hang"}}'

LocalStack's log: {log}"""


def main(argv: Sequence[str]) -> int:
    """Run until interrupted; 0 is returned when that was Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="make local",
        description="Deploys the refund service to a LocalStack without Docker and "
        "keeps it running until Ctrl-C. While it runs, .local/stack.env (for a "
        "shell) and .local/stack.json say where everything is.",
    )
    port = port_of(parser, argv)
    starter = os.getppid()
    with staying_up(Console(soft_wrap=True), port) as service:
        staying.until_interrupted(partial(goes_on, service, starter))
    return 0


def port_of(parser: argparse.ArgumentParser, argv: Sequence[str]) -> int | None:
    """Read a command line that may name LocalStack's port."""
    staying.add_port(parser)
    port: int | None = parser.parse_args(argv).port
    return port


@contextmanager
def staying_up(console: Console, port: int | None) -> Iterator[Running]:
    """Run the stack, publish where it is, and print how to use it."""
    with (
        _alone(),
        Progress(console) as progress,
        running(
            NAME,
            port=port or staying.usual_port(progress.step),
            log_path=DIRECTORY / "localstack.log",
            on_progress=progress.step,
        ) as service,
    ):
        publish(service)
        progress.close()
        console.print(_examples(service), markup=False, highlight=False)
        yield service


def goes_on(service: Running, starter: int) -> bool:
    """Tell whether LocalStack runs and our parent process (``starter``) still lives.

    Raises:
        HarnessError: LocalStack ended by itself.
    """
    # tox that is terminated leaves its command behind.
    if "TOX_ENV_NAME" in os.environ and os.getppid() != starter:
        return False
    return staying.still_runs(service.emulator)


def _examples(service: Running) -> str:
    return EXAMPLES.format(
        api_url=service.stack.api_url,
        api_key=service.stack.api_key,
        gateway=service.gateway.url,
        log=service.emulator.log_path,
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Own both files: a second one in this checkout is refused; remove them after."""
    DIRECTORY.mkdir(exist_ok=True)
    with (DIRECTORY / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarnessError(
                "`make local` or `make watch` already runs in this checkout: use it "
                "(.local/stack.env), or stop it first"
            ) from None
        forget()  # one that was killed could not
        try:
            yield
        finally:
            forget()


def publish(service: Running) -> None:
    """Write both files, each whole at once and readable by their owner only."""
    texts = dict(zip(FILES, (_shell(service), _json(service)), strict=True))
    for name, text in texts.items():
        scratch = DIRECTORY / f".{name}.tmp"
        scratch.touch(mode=0o600)
        scratch.write_text(text)
        scratch.replace(DIRECTORY / name)


def forget() -> None:
    """Remove both files."""
    for name in FILES:
        (DIRECTORY / name).unlink(missing_ok=True)


def _shell(service: Running) -> str:
    stack = service.stack
    variables = {
        "API_URL": stack.api_url,
        "API_KEY": stack.api_key,
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "STACK_NAME": stack.name,
        "TABLE_NAME": stack.table_name,
        "QUEUE_URL": stack.queue_url,
        "DLQ_URL": stack.dlq_url,
    }
    return "".join(
        f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()
    )


def _json(service: Running) -> str:
    stack = service.stack
    facts = {
        "apiUrl": stack.api_url,
        "apiKey": stack.api_key,
        "region": stack.region,
        "endpointUrl": stack.endpoint_url,
        "stackName": stack.name,
        "tableName": stack.table_name,
        "queueUrl": stack.queue_url,
        "dlqUrl": stack.dlq_url,
        "gatewayControlUrl": f"{service.gateway.url}/control",
        "functions": {
            name: {"name": function.name, "roleArn": function.role_arn}
            for name, function in stack.functions.items()
        },
    }
    return json.dumps(facts, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(run_command(main))
