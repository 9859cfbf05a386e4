"""A stage's parameters, as a file of the repository: YAML, name and value.

    Stage: production
    GatewayUrl: ${GATEWAY_URL}   # the environment's; unset or empty: left out
    AlarmEmail: null             # empty

What is left out has its default. So a deployment passes every parameter of the
template: `sam deploy` lets a stack keep its value for each that it is not told, and a
default that has changed, or a value that is to be empty, would never reach it.

What was passed stands in the deployed template (``Metadata: Harness: Passed``): so a
value that was changed since, past the file, can be told from one that the file has
changed. A NoEcho parameter is not written there.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sam_harness.errors import UsageError
from sam_harness.template.document import read
from sam_harness.template.values import text_of

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def parameters_of(
    stage: Path,
    template: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the value of every parameter of a template.

    Raises:
        UsageError: there is no such file, or it names no parameter of the template, or
            leaves out one that has no default.
    """
    told = read(stage)
    if not isinstance(told, dict):
        raise UsageError(f"{stage}: not a list of parameters, NAME: VALUE")
    declared = template.get("Parameters") or {}
    if unknown := sorted(map(str, told.keys() - declared.keys())):
        raise UsageError(
            f"{stage}: no such parameter in the template: {', '.join(unknown)}"
        )
    values = {}
    for name, declaration in declared.items():
        value, variable = _value(told.get(name, ...), environment)
        if value is None:
            value = declaration.get("Default")
        if value is None:
            missing = f", and {variable} is not set" if variable else ""
            raise UsageError(
                f"{stage}: {name} has no default{missing}: give it a value"
            )
        values[name] = text_of(value)
    return values


def recorded(template: Mapping[str, Any], passed: Mapping[str, str]) -> dict[str, Any]:
    """Return a template that says what is passed to it."""
    metadata = template.get("Metadata") or {}
    shown = {name: passed[name] for name in passed if not is_hidden(template, name)}
    harness = (metadata.get("Harness") or {}) | {"Passed": shown}
    return {**template, "Metadata": metadata | {"Harness": harness}}


def drift(
    deployed: Mapping[str, Any], values: Mapping[str, str], told: Mapping[str, str]
) -> dict[str, str]:
    """Return the parameters of a stack that were changed past the stage's file.

    Each with its value: neither what is told now nor what was told when ``deployed``,
    the stack's template, was. Of a stack that was deployed without a file nothing is
    known, so each other value is one.
    """
    harness = (deployed.get("Metadata") or {}).get("Harness") or {}
    passed = harness.get("Passed") or {}
    return {
        name: values[name]
        for name in sorted(values.keys() & told.keys())
        if values[name] not in {told[name], text_of(passed.get(name, told[name]))}
    }


def is_hidden(template: Mapping[str, Any], name: str) -> bool:
    """Tell whether CloudFormation shows stars for a parameter's value."""
    declared = (template.get("Parameters") or {}).get(name) or {}
    return text_of(declared.get("NoEcho", "false")) == "true"


def _value(told: object, environment: Mapping[str, str]) -> tuple[object, str]:
    """Return a value, None if it is left out; and the variable that it was asked of."""
    if told is ...:
        return None, ""
    if found := _VARIABLE.fullmatch(str(told)):
        return environment.get(found[1]) or None, found[1]
    return "" if told is None else told, ""
