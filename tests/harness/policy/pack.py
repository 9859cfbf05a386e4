"""The rule pack, and its verdict on one template."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.policy.rule import Holds, Rule, Violation
from harness.policy.rules import alarms, api, functions, iam, queues, source, storage
from harness.policy.scenarios import Parameters, scenarios
from harness.policy.stack import Stack

if TYPE_CHECKING:
    from harness.template.resolver import Path

RULES: Sequence[Rule] = sorted(
    (
        *iam.RULES,
        *functions.RULES,
        *api.RULES,
        *queues.RULES,
        *storage.RULES,
        *alarms.RULES,
        *source.RULES,
    ),
    key=lambda rule: rule.id,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A violation of a rule."""

    rule: Rule
    violation: Violation


def judge(
    source_template: Mapping[str, Any],
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    rules: Sequence[Rule] = RULES,
) -> Iterator[Verdict]:
    """Yield what breaks a rule; each violation once, however many scenarios show it.

    ``source_template`` is the SAM template, ``template`` the plain one.
    """
    given = [*scenarios(template, parameters)]
    stacks = [Stack(source_template, template, scenario) for scenario in given]
    for rule in rules:
        found = [list(rule.check(stack)) for stack in stacks]
        yield from (
            Verdict(rule, violation) for violation in _combine(rule, found, given)
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
