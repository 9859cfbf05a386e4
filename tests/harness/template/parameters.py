"""The values that a template's parameters take."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.errors import HarnessError
from harness.template.functions import text_of

# Told why a value cannot be known; raises, or returns a stand-in.
type Unknown = Callable[[str], Any]


def refuse(reason: str) -> Any:  # noqa: ANN401 - stands in for a value
    """Raise a HarnessError: no value may stay unknown."""
    raise HarnessError(reason)


def values_of(
    template: Mapping[str, Any], given: Mapping[str, str], unknown: Unknown = refuse
) -> dict[str, str | int | float | list[str]]:
    """Return the value of each parameter: given, its default, or ``unknown``.

    Numbers become int or float and lists become lists. What CloudFormation would read
    from SSM stays a dynamic reference, ``{{resolve:ssm:NAME}}``.

    Raises:
        HarnessError: a name that the template has not, or no value for one it has.

    """
    declared = template.get("Parameters") or {}
    if undeclared := sorted(set(given) - set(declared)):
        names = ", ".join(undeclared)
        raise HarnessError(f"no such parameter in the template: {names}")
    values = {}
    for name, declaration in declared.items():
        value = given.get(name, declaration.get("Default"))
        if value is None:
            values[name] = unknown(f"parameter {name} has no default: give it a value")
        else:
            values[name] = _typed(name, str(declaration.get("Type", "String")), value)
    return values


def _typed(name: str, kind: str, value: object) -> str | int | float | list[str]:
    text = text_of(value)
    if kind.startswith("AWS::SSM::Parameter::Value"):
        reference = f"{{{{resolve:ssm:{text}}}}}"
        return [reference] if "List" in kind else reference
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [item.strip() for item in text.split(",")] if text else []
    if kind == "Number":
        try:
            return int(text) if text.lstrip("+-").isdigit() else float(text)
        except ValueError as error:
            raise HarnessError(f"parameter {name}: {text!r} is no number") from error
    return text
