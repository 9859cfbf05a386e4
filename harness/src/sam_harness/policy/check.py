"""Checks a template: by cfn-lint, over its translation, and by our rules."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from textwrap import shorten
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.iam.reference import matching
from sam_harness.iam.request import several
from sam_harness.policy.report import Finding
from sam_harness.policy.rule import mapping
from sam_harness.policy.rules import BrokenRule, judge
from sam_harness.policy.statements import is_own
from sam_harness.project import Profile
from sam_harness.template.document import Document, load
from sam_harness.template.lint import matches
from sam_harness.template.locate import causing, locate, responsible
from sam_harness.template.registry import declares
from sam_harness.template.sam import Translation, translate
from sam_harness.template.values import Path, calls, refers, value_at

# The rule's id, the place, the message, the rule's sentence and where it is explained.
type Found = tuple[str, Path, str, str, str]

DOCUMENTATION = "docs/policy-rules.md"
# The IAM rules: without them the check would pass for the wrong reason.
_NEEDED = ("E3510", "E3511", "E3512", "E3514", "W2511", "W3037", "W3663")
_UNWANTED = (
    "E2900",  # wants every parameter as soon as one is given
    "E3505",  # E9021 asks for six times as much
    "W3002",  # local paths: what is deployed is packaged
)
_LEVELS = {"E": "error", "W": "warning"}  # SARIF's
_LONGEST_MESSAGE = 240  # cfn-lint lists every action of a service
# Parameters, mappings and conditions that SAM used up look unused afterwards.
_UNUSED = {"W2001", "W7001", "W8001"}


def check(
    path: FilePath, parameters: Mapping[str, str], profile: Profile = Profile.DEFAULT
) -> list[Finding]:
    """Return every finding, the suppressed too, in the order of the file.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is no template, or SAM rejects it.
    """
    source = load(path)
    translation = translate(source, parameters)
    try:
        return sorted(set(_findings(source, translation, parameters, profile)))
    except HarnessError as error:
        raise HarnessError(f"{path}: {error}") from error


def _findings(
    source: Document,
    translation: Translation,
    parameters: Mapping[str, str],
    profile: Profile,
) -> Iterator[Finding]:
    """Yield the findings of cfn-lint, and ours."""
    broken, failure = _judged(source, translation, parameters, profile)
    refused = False
    for rule, path, message, sentence, help_uri in (
        *_of_cfn_lint(translation, parameters),
        *map(_of_ours, broken),
    ):
        if not _can_be_mended(source, translation, rule, path):
            continue
        position = locate(source, translation, path)
        resource = responsible(source, translation, path)
        is_ignored = rule in _ignored(source, resource)
        refused |= rule.startswith("E") and not is_ignored
        yield Finding(
            path=source.path,
            line=position.line,
            column=position.column,
            rule=rule,
            message=shorten(message, _LONGEST_MESSAGE, placeholder=" …"),
            level=_LEVELS.get(rule[0], "note"),
            sentence=sentence,
            help_uri=help_uri,
            suppressed_by=resource if is_ignored else "",
        )
    if failure and not refused:
        raise failure


def _of_cfn_lint(
    translation: Translation, parameters: Mapping[str, str]
) -> Iterator[Found]:
    for one in matches(
        _undirected(translation.template),
        ignored=_UNWANTED,
        needed=_NEEDED,
        parameters=parameters,
    ):
        path, rule = tuple(getattr(one, "path", ())), one.rule
        yield rule.id, path, one.message, rule.shortdesc, rule.source_url


def _of_ours(one: BrokenRule) -> Found:
    rule, found = one.rule, one.violation
    help_uri = f"{DOCUMENTATION}#{rule.id.lower()}"
    return rule.id, found.path, found.message, rule.sentence, help_uri


def _judged(
    source: Document,
    translation: Translation,
    parameters: Mapping[str, str],
    profile: Profile,
) -> tuple[list[BrokenRule], HarnessError | None]:
    """Return which rules of ours are broken, or why that cannot be told.

    Mostly because CloudFormation would not take the template, and cfn-lint says that
    with its line.
    """
    try:
        every = list(judge(source, translation.template, parameters))
    except HarnessError as error:
        return [], error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        return [], HarnessError(f"it cannot be judged: {error!r}")
    return [it for it in every if profile in {it.rule.profile, Profile.STRICT}], None


def _can_be_mended(
    source: Document, translation: Translation, rule: str, path: Path
) -> bool:
    """Tell whether the source has what cfn-lint finds, and it is a mistake."""
    if rule in _UNUSED:
        return not refers(source, str(path[-1]))
    if rule == "W3037":  # AWS may have an action that cfn-lint does not know
        action = str(value_at(translation.template, path))
        if matching(action) or declares(action):
            return False
    is_written = _WARNINGS.get(rule)
    return not is_written or is_written(source, translation, path)


def _ignored(source: Document, resource: str) -> list[str]:
    """Return the rule ids that a resource's metadata suppresses for itself."""
    path = ("Resources", resource, "Metadata", "cfn-lint", "config", "ignore_checks")
    value = value_at(source, path)
    return [str(each) for each in value] if isinstance(value, list) else []


def _undirected(template: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the template tells cfn-lint."""
    copy = json.loads(json.dumps(template))
    for holder in (copy, *copy["Resources"].values()):
        metadata = holder.get("Metadata") if isinstance(holder, dict) else None
        if isinstance(metadata, dict):
            metadata.pop("cfn-lint", None)
    return dict(copy)


def _has_branch(source: Document, made: Translation, path: Path) -> bool:
    """Tell whether an Fn::If is the source's; W1028: a branch is never taken.

    SAM writes one where an event's function has a condition.
    """
    if path[0] != "Resources":
        return True
    condition = value_at(made.template, (*path[:-1], 0))
    names = {responsible(source, made, path), causing(source, made, path)}
    parts = [source.get("Globals"), *(source["Resources"].get(name) for name in names)]
    return any(one == condition for one, *_ in calls(parts, "Fn::If"))


def _has_dependency(source: Document, made: Translation, path: Path) -> bool:
    """Tell whether an entry of DependsOn is the source's; W3005: it is needless."""
    written = mapping(source["Resources"].get(path[1])).get("DependsOn")
    return value_at(made.template, path) in several(written)


def _has_statement(source: Document, made: Translation, path: Path) -> bool:
    """Tell whether a statement is the source's; W3037: there is no such action.

    SAM's policy templates have some:
    https://github.com/aws/serverless-application-model/issues/3731
    """
    if "PolicyDocument" not in path:
        return True
    policy = mapping(value_at(made.template, path[: path.index("PolicyDocument")]))
    return is_own(source, str(path[1]), str(policy.get("PolicyName")))


# What SAM writes of itself breaks these: only what the source has counts.
_WARNINGS: Mapping[str, Callable[[Document, Translation, Path], bool]] = {
    "W1028": _has_branch,
    "W3005": _has_dependency,
    "W3037": _has_statement,
}
