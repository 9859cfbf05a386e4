"""The rule pack, judged on one template with each set of parameter values that counts.

The sets together take each branch of the template once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sam_harness.policy.rule import Holds, ResolvedTemplate, Rule, Violation
from sam_harness.policy.rules import alarms, api, functions, iam, queues, storage
from sam_harness.template.values import text_of

if TYPE_CHECKING:
    from sam_harness.template.resolver import Path

type Parameters = dict[str, str]

RULES: Sequence[Rule] = sorted(
    (
        *iam.RULES,
        *functions.RULES,
        *api.RULES,
        *queues.RULES,
        *storage.RULES,
        *alarms.RULES,
    ),
    key=lambda rule: rule.id,
)


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A violation of a rule."""

    rule: Rule
    violation: Violation


def judge(
    source_template: Mapping[str, Any],
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    rules: Sequence[Rule] = RULES,
) -> Iterator[BrokenRule]:
    """Yield what breaks a rule; each violation once, however many scenarios show it.

    ``source_template`` is the SAM template, ``template`` the plain one.
    """
    given = [*scenarios(template, parameters)]
    resolved = [ResolvedTemplate(source_template, template, each) for each in given]
    for rule in rules:
        found = [list(rule.check(each)) for each in resolved]
        yield from (
            BrokenRule(rule, violation) for violation in _combine(rule, found, given)
        )


def _combine(
    rule: Rule, found: list[list[Violation]], given: list[Parameters]
) -> Iterator[Violation]:
    if rule.holds is Holds.SOMEWHERE:
        in_all = [v for v in found[0] if all(v in others for others in found)]
        yield from dict.fromkeys(in_all)
        return
    seen: set[Path] = set()
    for violations, scenario in zip(found, given, strict=True):
        for violation in dict.fromkeys(violations):
            if violation.path not in seen:
                yield _explained(violation, scenario, given[0])
        seen.update(violation.path for violation in violations)


def _explained(
    violation: Violation, scenario: Parameters, first: Parameters
) -> Violation:
    """Name the parameter values that show it, when the defaults do not."""
    changed = {name: value for name, value in scenario.items() if name not in first}
    if not changed:
        return violation
    values = ", ".join(f"{name}={value}" for name, value in changed.items())
    return Violation(violation.path, f"{violation.message} (with {values})")


def scenarios(
    template: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[Parameters]:
    """Yield ``given``, then ``given`` with one more parameter set differently.

    Conditions compare a parameter with a literal, so each such comparison is made
    true once and false once: ``Stage=production`` is found without being told. Values
    that select from a mapping are all taken. What the caller gave is never varied.
    """
    seen: list[Parameters] = []
    for chosen in ({}, *_choices(template)):
        scenario = dict(given) | {
            name: value for name, value in chosen.items() if name not in given
        }
        if scenario not in seen:
            seen.append(scenario)
            yield scenario


def _choices(template: Mapping[str, Any]) -> Iterator[Parameters]:
    declared = template.get("Parameters") or {}
    for left, right in _calls(template.get("Conditions"), "Fn::Equals"):
        for one, other in ((left, right), (right, left)):
            name = _parameter(one, declared)
            if name and not isinstance(other, dict | list):
                yield {name: text_of(other)}
                yield {name: _another(declared[name], text_of(other))}
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


def _another(declaration: Mapping[str, Any], taken: str) -> str:
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
