"""The values of a template: what its parameters take, what its functions give.

Of the intrinsic functions those that need nothing but their arguments; the others are
the resolver's.
"""

import argparse
import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sam_harness.errors import HarnessError, UsageError

type Parameters = dict[str, str]
type Path = tuple[str | int, ...]
# Told why a value cannot be known; raises, or returns a stand-in.
type Unknown = Callable[[str], Any]

_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^}]*?)\s*\}")


def refuse(reason: str) -> Any:  # noqa: ANN401 - stands in for a value
    """Raise a HarnessError: no value may stay unknown."""
    raise HarnessError(reason)


def add_repeated(
    parser: argparse.ArgumentParser, option: str, metavar: str, told: str
) -> None:
    """Declare an option of a command that takes a value each time it is given."""
    parser.add_argument(
        option,
        action="append",
        default=[],
        metavar=metavar,
        help=f"{told}; may be repeated",
    )


def assignments(texts: Iterable[str], option: str = "--parameter") -> dict[str, str]:
    """Return what a command line's ``--parameter KEY=VALUE``, or another option, says.

    Raises:
        UsageError: one is written in another way.
    """
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise UsageError(f"{option} {text}: write it as KEY=VALUE")
        values[name] = value
    return values


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


def scenarios(
    template: Mapping[str, Any],
    given: Mapping[str, str],
    examples: Mapping[str, str] | None = None,
) -> Iterator[Parameters]:
    """Yield ``given``, then ``given`` with one more parameter set differently.

    Conditions compare a parameter with a literal, so each such comparison is made
    true once and false once: ``Stage=production`` is found without being told. Values
    that select from a mapping are all taken. What the caller gave is never varied.
    ``examples`` are the values for what is to be any other than the literal.
    """
    seen: list[Parameters] = []
    for chosen in ({}, *_choices(template, examples or {})):
        scenario = dict(given) | {
            name: value for name, value in chosen.items() if name not in given
        }
        if scenario not in seen:
            seen.append(scenario)
            yield scenario


def _choices(
    template: Mapping[str, Any], examples: Mapping[str, str]
) -> Iterator[Parameters]:
    declared = template.get("Parameters") or {}
    for left, right in calls(template.get("Conditions"), "Fn::Equals"):
        for one, other in ((left, right), (right, left)):
            name = _parameter(one, declared)
            if name and not isinstance(other, dict | list):
                yield {name: text_of(other)}
                any_other = another(declared[name], text_of(other))
                yield {name: examples.get(name, any_other)}
    using = [template.get("Globals"), template.get("Resources")]
    for _, *keys in calls(using, "Fn::FindInMap"):
        for name in (_parameter(key, declared) for key in keys):
            if name:
                values = declared[name].get("AllowedValues", [])
                yield from ({name: text_of(value)} for value in values)


def walk(value: object, *path: str | int) -> Iterator[tuple[Path, object]]:
    """Yield ``value``, which stands at ``path``, and all below it, with their paths."""
    yield path, value
    entries = value.items() if isinstance(value, dict) else ()
    for name, item in enumerate(value) if isinstance(value, list) else entries:
        yield from walk(item, *path, name)


def calls(value: object, function: str) -> Iterator[list[Any]]:
    """Yield the argument lists of every call of ``function`` below ``value``."""
    for path, item in walk(value):
        if path[-1:] == (function,) and isinstance(item, list) and len(item) > 1:
            yield item


def refers(value: object, name: str) -> bool:
    """Tell whether anything below ``value`` refers to ``name``."""
    if isinstance(value, Mapping):
        return any(
            item == name
            if key in {"Ref", "Condition"}
            else _first(key, item) == name or refers(item, name)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return any(refers(item, name) for item in value)
    return isinstance(value, str) and bool(
        re.search(rf"\$\{{{re.escape(name)}[.}}]", value)
    )


def _first(function: str, argument: object) -> object:
    """Return the first argument: of Fn::If a condition, of Fn::GetAtt a resource."""
    if function == "Fn::GetAtt" and isinstance(argument, str):
        return argument.partition(".")[0]
    return argument[0] if isinstance(argument, list) and argument else None


def _parameter(value: object, declared: Mapping[str, Any]) -> str | None:
    match value:
        case {"Ref": str(name)} if name in declared:
            return name
    return None


def another(declaration: Mapping[str, Any], taken: str) -> str:
    """Return a value that a parameter may have, other than the one that is taken."""
    candidates = [
        *declaration.get("AllowedValues", []),
        declaration.get("Default", taken),
    ]
    others = [text_of(value) for value in candidates if text_of(value) != taken]
    if others:
        return others[0]
    is_number = declaration.get("Type") == "Number"
    return text_of(declaration.get("MinValue", 1)) if is_number else "other"


def value_at(template: Mapping[str, Any], path: Iterable[str | int]) -> Any:  # noqa: ANN401 - JSON
    """Return what stands at ``path``; None where there is nothing."""
    value: Any = template
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def text_of(value: object) -> str:
    """Return ``value`` as CloudFormation writes it into a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def substitute(text: str, lookup: Callable[[str], object]) -> str:
    """Replace each ``${Name}``; ``${!Name}`` is the escaped form of ``${Name}``."""

    def replacement(match: re.Match[str]) -> str:
        literal, name = match.groups()
        return f"${{{name}}}" if literal else text_of(lookup(name))

    return _PLACEHOLDER.sub(replacement, text)


def _join(argument: Any) -> str:  # noqa: ANN401 - a template is JSON
    delimiter, parts = argument
    return str(delimiter).join(text_of(part) for part in parts)


def _split(argument: Any) -> list[str]:  # noqa: ANN401 - a template is JSON
    delimiter, text = argument
    return text_of(text).split(delimiter)


def _select(argument: Any) -> Any:  # noqa: ANN401 - a template is JSON
    index, values = argument
    if isinstance(values, str):
        raise TypeError("it selects from text, not from a list")
    return values[int(index)]


def _cidr(argument: Any) -> list[str]:  # noqa: ANN401 - a template is JSON
    block, count, *bits = argument
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - int(bits[0] if bits else 8)
    subnets = network.subnets(new_prefix=prefix)
    return [str(subnet) for subnet in itertools.islice(subnets, int(count))]


PURE_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Base64": lambda it: base64.b64encode(text_of(it).encode()).decode(),
    "Fn::Cidr": _cidr,
    "Fn::Join": _join,
    "Fn::Length": len,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": lambda it: json.dumps(it, separators=(",", ":")),
}
