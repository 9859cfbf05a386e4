"""The command's calls, and SARIF for GitHub."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sam_harness.cli import main
from sam_harness.policy import report
from sam_harness.policy.report import Finding

ROOT = Path("/repository")
FINDING = Finding(
    path=ROOT / "stacks" / "template.yaml",
    line=12,
    column=3,
    rule="E9001",
    message="s3:* allows more than one action",
    level="error",
    sentence="An Allow statement names its actions.",
    help_uri="docs/policy-rules.md",
)


def test_sarif_places_findings_relative_to_the_repository() -> None:
    """GitHub annotates the line of a file that it can find."""
    log = json.loads(report.sarif([FINDING], ROOT))

    [run] = log["runs"]
    [result] = run["results"]
    assert log["version"] == "2.1.0"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {
            "uri": "stacks/template.yaml",
            "uriBaseId": "%SRCROOT%",
        },
        "region": {"startLine": 12, "startColumn": 3},
    }
    assert (result["level"], result["message"]["text"]) == ("error", FINDING.message)


def test_sarif_describes_each_rule_once() -> None:
    """Results point at their rule by number."""
    other = replace(FINDING, rule="W3037", help_uri="https://docs.example/iam")

    [run] = json.loads(report.sarif([FINDING, other, FINDING], ROOT))["runs"]

    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E9001", "W3037"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    assert rules[0]["help"]["text"] == "See docs/policy-rules.md."
    assert rules[1]["helpUri"] == "https://docs.example/iam"


def test_sarif_marks_what_the_template_suppresses() -> None:
    """It stays visible, and does not fail the check."""
    suppressed = replace(FINDING, suppressed_by="ReportRole")

    [run] = json.loads(report.sarif([suppressed], ROOT))["runs"]

    [suppression] = run["results"][0]["suppressions"]
    assert suppression["kind"] == "inSource"
    assert "ReportRole" in suppression["justification"]


def test_the_list_of_rules_needs_no_template(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is the table of the documentation."""
    assert main(["policy", "--list-rules"]) == 0
    assert "| E9001 | default | An Allow statement names" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "name a template"),
        (["t.yaml", "--parameter", "Stage"], "--parameter Stage: write it as KEY=VALU"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the exit status of a wrong call."""
    assert main(["policy", *argv]) == 2

    assert message in capsys.readouterr().err
