"""The whole check of one template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import Any

from harness.errors import HarnessError
from harness.policy.linter import level_of, lint
from harness.policy.locate import locate
from harness.policy.pack import RULES, judge
from harness.policy.report import Finding
from harness.template.document import Document, load
from harness.template.sam import Translation, translate

_LONGEST_MESSAGE = 240  # cfn-lint lists every action of a service
# Parameters, mappings and conditions that SAM used up look unused afterwards.
_UNUSED = {"W2001", "W7001", "W8001"}


def check(path: Path, parameters: Mapping[str, str]) -> list[Finding]:
    """Return every finding, the suppressed too, in the order of the file.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is no template, or SAM rejects it.

    """
    source = load(path)
    translation = translate(source, parameters, region="us-east-1", code_uris={})
    try:
        return sorted(set(_findings(source, translation, parameters)))
    except HarnessError as error:
        raise HarnessError(f"{path}: {error}") from error


def _findings(
    source: Document, translation: Translation, parameters: Mapping[str, str]
) -> Iterator[Finding]:
    verdicts = list(judge(source, translation.template, parameters))
    for match in lint(translation.template, parameters, RULES, verdicts):
        path = tuple(getattr(match, "path", ()))
        if match.rule.id in _UNUSED and _used(source, str(path[-1])):
            continue
        position = locate(source, translation, path)
        finding = Finding(
            path=source.path,
            line=position.line,
            column=position.column,
            rule=match.rule.id,
            message=shorten(match.message, _LONGEST_MESSAGE, placeholder=" …"),
            level=level_of(match.rule),
            sentence=match.rule.shortdesc,
            help_uri=match.rule.source_url,
        )
        resource = translation.origins.get(str(path[1])) if len(path) > 1 else None
        if resource and match.rule.id in _ignored(source, resource):
            finding = replace(finding, suppressed_by=resource)
        yield finding


def _ignored(source: Document, resource: str) -> list[str]:
    """Return the rule ids that a resource's metadata suppresses for itself."""
    value: Any = source["Resources"].get(resource)
    for key in ("Metadata", "cfn-lint", "config", "ignore_checks"):
        value = value.get(key) if isinstance(value, dict) else None
    return [str(each) for each in value] if isinstance(value, list) else []


def _used(value: object, name: str) -> bool:
    """Tell whether anything below ``value`` refers to ``name``."""
    if isinstance(value, Mapping):
        return any(
            item == name
            if key in {"Ref", "Condition"}
            else _first(item) == name or _used(item, name)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return any(_used(item, name) for item in value)
    return isinstance(value, str) and bool(
        re.search(rf"\$\{{{re.escape(name)}[.}}]", value)
    )


def _first(value: object) -> object:
    """Return the first argument: of Fn::If a condition, of Fn::FindInMap a mapping."""
    return value[0] if isinstance(value, list) and value else None
