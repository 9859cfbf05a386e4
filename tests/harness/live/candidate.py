"""Functions as an update would make them, started beside the real ones.

CloudFormation moves an alias before it is known whether the new version starts.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from harness.emulator import init_check
from harness.polling import wait_until
from harness.template.functions import text_of

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

FUNCTION = "AWS::Lambda::Function"
# What decides how a function starts.
SETTINGS = (
    "Architectures", "Environment", "Handler", "Layers", "LoggingConfig", "MemorySize",
    "Runtime", "Timeout",
)  # fmt: skip


def check(
    client: "LambdaClient",
    resolved: Mapping[str, Any],
    functions: Mapping[str, str],
) -> None:
    """Start what the functions (logical id -> name) become by a resolved template.

    A function that is not there yet is left out: nothing calls it.

    Raises:
        HarnessError: names each function that would not start, with its error.

    """
    with ExitStack() as candidates:
        names = {
            logical_id: candidates.enter_context(
                _candidate(client, resource["Properties"], functions[logical_id])
            )
            for logical_id, resource in resolved["Resources"].items()
            if resource["Type"] == FUNCTION and logical_id in functions
        }
        init_check.check(client, names)


@contextmanager
def _candidate(
    client: "LambdaClient", properties: Mapping[str, Any], real: str
) -> Iterator[str]:
    role = client.get_function_configuration(FunctionName=real)["Role"]
    name = f"{real[:50]}-{uuid4().hex[:12]}"
    settings = {key: properties[key] for key in SETTINGS if key in properties}
    variables = properties.get("Environment", {}).get("Variables", {})
    # As CloudFormation does: every parameter of a template may be a number.
    settings["Environment"] = {
        "Variables": {key: text_of(value) for key, value in variables.items()}
    }
    client.create_function(
        FunctionName=name, Role=role, Code=properties["Code"], **settings
    )
    try:
        wait_until(
            lambda: client.get_function_configuration(FunctionName=name)["State"],
            lambda state: state == "Active",
            what=f"candidate of {real} to be active",
            timeout_s=60,
        )
        yield name
    finally:
        client.delete_function(FunctionName=name)
