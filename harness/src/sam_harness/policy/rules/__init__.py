"""Our rules, one module per kind of resource, and what of a template breaks them.

A rule is a function from a resolved template to its violations. It is judged with each
set of parameter values that counts: together they take each branch of the template.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sam_harness.policy.rule import Holds, ResolvedTemplate, Rule, Violation
from sam_harness.policy.rules import alarms, api, functions, iam, queues, storage
from sam_harness.template.values import Parameters, scenarios

if TYPE_CHECKING:
    from sam_harness.template.values import Path

_MODULES = (iam, functions, api, queues, storage, alarms)
RULES: Sequence[Rule] = sorted(
    (one for module in _MODULES for one in vars(module).values() if type(one) is Rule),
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
) -> Iterator[BrokenRule]:
    """Yield what breaks a rule; each violation once, however many scenarios show it.

    ``source_template`` is the SAM template, ``template`` the plain one.
    """
    given = [*scenarios(template, parameters)]
    resolved = [ResolvedTemplate(source_template, template, each) for each in given]
    for rule in RULES:
        found = [
            [one for one in rule.check(each) if not each.is_open(one.path)]
            for each in resolved
        ]
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
