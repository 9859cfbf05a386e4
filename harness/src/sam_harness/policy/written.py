"""Tells what SAM wrote from what the template's author wrote."""

from collections.abc import Callable, Mapping

from sam_harness.policy.rule import mapping, value_at
from sam_harness.policy.statements import is_own
from sam_harness.template.document import Document
from sam_harness.template.locate import causing, responsible
from sam_harness.template.resolver import Path
from sam_harness.template.sam import Translation
from sam_harness.template.values import calls


def is_sams(rule: str, source: Document, made: Translation, path: Path) -> bool:
    """Tell whether SAM wrote what a rule of cfn-lint's finds at a path of ``made``."""
    is_written = _WARNINGS.get(rule)
    return bool(is_written and not is_written(source, made, path))


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
    entries = written if isinstance(written, list) else [written]
    return value_at(made.template, path) in entries


def _has_statement(source: Document, made: Translation, path: Path) -> bool:
    """Tell whether a statement is the source's; W3037: there is no such action.

    SAM's policy templates have some:
    https://github.com/aws/serverless-application-model/issues/3731
    """
    if "PolicyDocument" not in path:
        return True
    policy = mapping(value_at(made.template, path[: path.index("PolicyDocument")]))
    return is_own(source, str(path[1]), str(policy.get("PolicyName")))


_WARNINGS: Mapping[str, Callable[[Document, Translation, Path], bool]] = {
    "W1028": _has_branch,
    "W3005": _has_dependency,
    "W3037": _has_statement,
}
