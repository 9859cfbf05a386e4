"""What the check reports: as text, and as SARIF 2.1.0 for GitHub's annotations.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem at one line of a template; sorts by place."""

    path: Path
    line: int
    column: int
    rule: str
    message: str
    level: str  # "error", "warning" or "note", as in SARIF
    sentence: str
    help_uri: str = ""
    suppressed_by: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}"
        return f"{where}: {self.rule} {self.message}"


def failing(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that fail the check."""
    return [
        finding
        for finding in findings
        if finding.level != "note" and not finding.suppressed_by
    ]


def text(template: Path, findings: Sequence[Finding]) -> str:
    """Return a line for each finding, the suppressed last, and their number."""
    shown = [finding for finding in findings if not finding.suppressed_by]
    lines = [str(finding) for finding in shown]
    lines += [
        f"{finding} (suppressed by {finding.suppressed_by})"
        for finding in findings
        if finding.suppressed_by
    ]
    suppressed = len(findings) - len(shown)
    lines.append(
        f"{template}: {len(failing(findings))} findings"
        + (f", {suppressed} suppressed" if suppressed else "")
    )
    return "\n".join([*lines, ""])


def sarif(findings: Sequence[Finding], root: Path) -> str:
    """Return a SARIF log with paths relative to ``root``."""
    rules = {finding.rule: finding for finding in findings}
    ids = sorted(rules)
    driver = {
        "name": "harness-policy",
        "rules": [_descriptor(rules[each]) for each in ids],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, ids.index(finding.rule), root) for finding in findings
        ],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _descriptor(finding: Finding) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": finding.rule,
        "shortDescription": {"text": finding.sentence},
        "defaultConfiguration": {"level": finding.level},
    }
    if finding.help_uri.startswith("https://"):
        descriptor["helpUri"] = finding.help_uri
    elif finding.help_uri:
        descriptor["help"] = {"text": f"See {finding.help_uri}."}
    return descriptor


def _result(finding: Finding, index: int, root: Path) -> dict[str, Any]:
    region = {"startLine": finding.line, "startColumn": finding.column}
    location = {"uri": _uri(finding.path, root), "uriBaseId": "%SRCROOT%"}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [
            {"physicalLocation": {"artifactLocation": location, "region": region}}
        ],
    }
    if finding.suppressed_by:
        said = f"ignore_checks in the metadata of {finding.suppressed_by}"
        result["suppressions"] = [{"kind": "inSource", "justification": said}]
    return result


def _uri(path: Path, root: Path) -> str:
    absolute = path.resolve()
    inside = absolute.is_relative_to(root)
    return (absolute.relative_to(root) if inside else absolute).as_posix()
