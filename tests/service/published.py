"""``.local/stack.env`` and ``.local/stack.json``: where a running stack is."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from refund_stack.running import Running

FILES = ("stack.env", "stack.json")


@contextmanager
def published(service: Running, directory: Path) -> Iterator[None]:
    """Have both files there while the block runs."""
    try:
        publish(service, directory)
        yield
    finally:
        forget(directory)


def publish(service: Running, directory: Path) -> None:
    """Write both files, each whole at once and for the owner's eyes only."""
    texts = dict(zip(FILES, (_shell(service), _json(service)), strict=True))
    for name, text in texts.items():
        scratch = directory / f".{name}.tmp"
        scratch.touch(mode=0o600)
        scratch.write_text(text)
        scratch.replace(directory / name)


def forget(directory: Path) -> None:
    """Remove both files."""
    for name in FILES:
        (directory / name).unlink(missing_ok=True)


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
