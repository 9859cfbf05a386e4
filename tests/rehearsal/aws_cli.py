"""As much of AWS's command line as docs/deploy.md uses, by boto3, for LocalStack.

aws SERVICE OPERATION [--name value | --[no-]flag]... [--query JMESPATH] [--output text]
aws SERVICE wait STATE [--name value]...
"""

import sys
from collections.abc import Sequence
from typing import Any

import boto3
import jmespath


def main(argv: Sequence[str]) -> int:
    """Call the operation and print what the query selects, as text."""
    service, operation, *rest = argv
    waits = operation == "wait"
    if waits:
        operation, *rest = rest
    options = _options(rest)
    query = options.pop("query", "@")
    assert options.pop("output", "text") == "text"
    client: Any = boto3.client(service)  # type: ignore[call-overload] # any service
    method = operation.replace("-", "_")
    if waits:
        [[name, value]] = options.items()
        waiter = client.get_waiter(method)
        waiter.wait(**{_camel(name): value}, WaiterConfig={"Delay": 1})
        return 0
    names = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[method]
    ).input_shape.members
    by_option = {name.lower(): name for name in names}
    asked = {by_option[name.replace("-", "")]: value for name, value in options.items()}
    print(_text(jmespath.search(query, getattr(client, method)(**asked))))
    return 0


def _options(words: Sequence[str]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word.removeprefix("--")
            options[name.removeprefix("no-")] = not name.startswith("no-")
        else:
            options[name] = word
    return options


def _camel(option: str) -> str:
    return "".join(word.capitalize() for word in option.split("-"))


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\t".join(_text(item) for item in value)
    return "None" if value is None else str(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
