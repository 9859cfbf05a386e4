"""Sets of parameter values that together take each branch of a template once."""

from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.template.values import text_of

type Parameters = dict[str, str]


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
    for left, right in _calls(template.get("Conditions"), "Fn::Equals"):
        for one, other in ((left, right), (right, left)):
            name = _parameter(one, declared)
            if name and not isinstance(other, dict | list):
                yield {name: text_of(other)}
                any_other = another(declared[name], text_of(other))
                yield {name: examples.get(name, any_other)}
    for _, *keys in _calls(template.get("Resources"), "Fn::FindInMap"):
        for name in (_parameter(key, declared) for key in keys):
            if name:
                values = declared[name].get("AllowedValues", [])
                yield from ({name: text_of(value)} for value in values)


def _calls(value: object, function: str) -> Iterator[list[Any]]:
    """Yield the argument lists of every call of ``function`` below ``value``."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == function and isinstance(item, list) and len(item) > 1:
                yield item
            yield from _calls(item, function)
    elif isinstance(value, list):
        for item in value:
            yield from _calls(item, function)


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
    return text_of(declaration.get("MinValue", 1)) if _numeric(declaration) else "other"


def _numeric(declaration: Mapping[str, Any]) -> bool:
    return declaration.get("Type") == "Number"
