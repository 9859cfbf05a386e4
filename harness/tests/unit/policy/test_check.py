"""The whole check, cfn-lint's rules among it: seconds for each template."""

import json
import re
from pathlib import Path

import pytest

from sam_harness.cli import main
from sam_harness.policy.check import check
from sam_harness.policy.report import Finding

FIXTURES = Path(__file__).with_name("fixtures")
TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
{head}
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    {metadata}
    Properties:
      Definition: {{StartAt: Done, States: {{Done: {{Type: Succeed}}}}}}
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [dynamodb:PutItm, s3:*]
              Resource: arn:aws:s3:::bucket
"""
IGNORE = "Metadata: {cfn-lint: {config: {ignore_checks: [E9001, W3037]}}}"


def a_template(directory: Path, head: str = "", metadata: str = "") -> Path:
    """Write a template with a misspelt action and a wildcard."""
    path = directory / "template.yaml"
    path.write_text(TEMPLATE.format(head=head, metadata=metadata))
    return path


def shown(findings: list[Finding]) -> list[tuple[str, int, bool]]:
    """Return rule, line and whether it was suppressed."""
    return [(each.rule, each.line, bool(each.suppressed_by)) for each in findings]


def test_cfn_lints_iam_rules_and_ours_see_what_sam_generates(tmp_path: Path) -> None:
    """On a SAM template as it stands cfn-lint finds neither."""
    findings = shown(check(a_template(tmp_path), {}))

    assert findings == [("W3037", 13, False), ("E9001", 13, False)]


def test_a_resource_can_take_itself_out_of_a_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The findings are still listed."""
    path = a_template(tmp_path, metadata=IGNORE)

    assert shown(check(path, {})) == [("W3037", 13, True), ("E9001", 13, True)]
    assert main(["policy", str(path)]) == 0
    assert "0 findings, 2 suppressed" in capsys.readouterr().out


def test_only_what_the_source_never_uses_is_called_unused(tmp_path: Path) -> None:
    """The translation drops local code locations, and what they were made of."""
    path = tmp_path / "template.yaml"
    path.write_text("""\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Place: {Type: String, Default: here}
  Idle: {Type: String, Default: nowhere}
Conditions:
  IsHere: !Equals [!Ref Place, here]
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: !If [IsHere, !Sub "${Place}/layer", layer]
""")

    assert shown(check(path, {})) == [("W2001", 4, False)]


def test_a_template_cannot_take_itself_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by its own metadata nor by a file beside it."""
    # Reading the file would fail: it is not what cfn-lint expects.
    (tmp_path / ".cfnlintrc").write_text("ignore_checks: everything\n")
    monkeypatch.chdir(tmp_path)

    findings = check(a_template(tmp_path, head=IGNORE), {})

    assert [finding.rule for finding in findings] == ["W3037", "E9001"]


def test_the_command_writes_sarif_and_fails(tmp_path: Path) -> None:
    """The file is complete even though the check fails."""
    report = tmp_path / "reports" / "policy.sarif"
    template = FIXTURES / "E9004-bad.yaml"

    status = main(
        ["policy", str(template), "--format", "sarif", "--output", str(report)]
    )

    [run] = json.loads(report.read_text())["runs"]
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
    ]
    assert status == 1
    assert uris == ["harness/tests/unit/policy/fixtures/E9004-bad.yaml"]


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        (None, 2, "template.yaml: cannot read it: No such file"),
        ("Resources: [", 1, "template.yaml:2:1: did not find"),
        (
            """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Oops: 1}}
""",
            1,
            "template.yaml:3:3: Resource with id [F] is invalid.",
        ),
    ],
)
def test_what_cannot_be_checked_is_one_clear_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    status: int,
    message: str,
) -> None:
    """No traceback, and the exit status tells a wrong call from a broken template."""
    path = tmp_path / "template.yaml"
    if text:
        path.write_text(text)

    assert main(["policy", str(path)]) == status
    [line] = capsys.readouterr().err.splitlines()
    assert re.match(r"sam-harness policy: /", line)
    assert message in line
