"""``.local/stack.env`` and ``.local/stack.json``: where a running stack is."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from refund_stack.running import Running


@contextmanager
def published(service: Running, directory: Path) -> Iterator[None]:
    """Write both files, whole and for the owner's eyes only; remove them at the end."""
    files = {
        directory / "stack.env": _shell(service),
        directory / "stack.json": _json(service),
    }
    try:
        for path, text in files.items():
            scratch = path.with_suffix(".tmp")
            scratch.touch(mode=0o600)
            scratch.write_text(text)
            scratch.replace(path)
        yield
    finally:
        for path in files:
            path.unlink(missing_ok=True)


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
