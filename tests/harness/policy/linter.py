"""cfn-lint over the translated template, our rules among its own."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cfnlint.rules
from cfnlint.config import ConfigMixIn
from cfnlint.context import ParameterSet
from cfnlint.decode import decode_str
from cfnlint.rules import CloudFormationLintRule, Match, RuleMatch, Rules
from cfnlint.runner import run_template_by_data
from cfnlint.template import Template

from harness.errors import HarnessError
from harness.policy.pack import Verdict
from harness.policy.rule import Rule

DOCUMENTATION = "docs/policy-rules.md"
# Informational to cfn-lint, yet it means that a statement allows nothing.
_RAISED = ("I3510",)
# The IAM rules: without them the check would pass for the wrong reason.
_NEEDED = ("E3510", "E3511", "E3512", "E3514", "I3510", "W2511", "W3037", "W3663")
_UNWANTED = (
    *("E2531", "E2533", "W2531"),  # E9007 says the same, earlier and as an error
    "E2900",  # wants every parameter as soon as one is given
    "W3002",  # local paths: what is deployed is packaged
)


class _PackRule(CloudFormationLintRule):
    """Reports through cfn-lint what a rule of the pack has found."""

    tags: Sequence[str] = ("harness",)  # type: ignore[assignment] # never changed

    def __init__(self, rule: Rule, verdicts: Sequence[Verdict]) -> None:
        super().__init__()
        self.id = rule.id
        self.shortdesc = self.description = rule.sentence
        self.source_url = f"{DOCUMENTATION}#{rule.id.lower()}"
        self._verdicts = [verdict for verdict in verdicts if verdict.rule == rule]

    def match(self, cfn: Template) -> list[RuleMatch]:  # noqa: ARG002 - judged before
        return [
            RuleMatch(list(verdict.violation.path), verdict.violation.message)
            for verdict in self._verdicts
        ]


def lint(
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    rules: Sequence[Rule],
    verdicts: Sequence[Verdict],
) -> Iterator[Match]:
    """Yield cfn-lint's matches on a plain CloudFormation template.

    Suppressions in the template and .cfnlintrc files are not looked at.

    Raises:
        HarnessError: cfn-lint cannot read what SAM made.

    """
    data, errors = decode_str(json.dumps(_undirected(template)))
    if errors or not isinstance(data, dict):
        said = "; ".join(error.message for error in errors)
        raise HarnessError(f"cfn-lint cannot read the translated template: {said}")
    config = ConfigMixIn(
        ["--config-file", os.devnull],
        ignore_checks=list(_UNWANTED),
        include_checks=list(_RAISED),
        parameters=[ParameterSet(source=None, parameters=dict(parameters))],
        regions=["us-east-1"],
    )
    every = _built_in()
    every.extend([_PackRule(rule, verdicts) for rule in rules])
    yield from run_template_by_data(data, config, every)


def _built_in() -> Rules:
    every = Rules.create_from_directory(str(Path(cfnlint.rules.__file__).parent))
    if missing := [rule for rule in _NEEDED if rule not in every]:
        raise HarnessError(f"this cfn-lint has no rules {', '.join(missing)}")
    return every


def level_of(rule: CloudFormationLintRule) -> str:
    """Return SARIF's level of a rule."""
    if rule.id in _RAISED:
        return "warning"
    return {"E": "error", "W": "warning"}.get(rule.id[0], "note")


def _undirected(template: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the template tells cfn-lint."""
    copy = json.loads(json.dumps(template))
    for holder in (copy, *copy["Resources"].values()):
        metadata = holder.get("Metadata")
        if isinstance(metadata, dict):
            metadata.pop("cfn-lint", None)
    return dict(copy)
