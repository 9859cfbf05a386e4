"""What is wrong with a template that CloudFormation refuses, and at which line."""

from pathlib import Path

import pytest

from sam_harness.errors import HarnessError
from sam_harness.policy.check import check

FUNCTION = """\
Transform: AWS::Serverless-2016-10-31
Conditions: {{C: !Equals [{compared}]}}
Mappings: {{M: {{a: {{b: c}}}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {{cfn-lint: {{config: {{ignore_checks: [{ignored}]}}}}}}
    Properties:
      Runtime: python3.13
      Handler: a.b
      InlineCode: 'x=1'
      Environment:
        Variables:
          TABLE: {value}
"""
TOPIC = "Resources:\n  T: {Type: AWS::SNS::Topic}\n"
INCLUDE = """\
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/more.yaml}}
  A: {Type: AWS::CloudWatch::Alarm, Properties: {ComparisonOperator: LessThanThreshold,
    EvaluationPeriods: 1, Namespace: AWS/SQS, MetricName: Sent}}
"""


def errors(path: Path, text: str) -> set[tuple[str, int]]:
    """Return the rules of the errors in a template, each with its line."""
    path.write_text(text)
    return {(each.rule, each.line) for each in check(path, {}) if each.rule[0] == "E"}


def function(value: str, *, compared: str = "a, b", ignored: str = "") -> str:
    """Return a template with a function that has this value in a variable."""
    return FUNCTION.format(value=value, compared=compared, ignored=ignored)


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("!Ref Tabel", "E1020"),
        ("{Ref: {a: b}}", "E1020"),
        ("!GetAtt Table", "E1010"),
        ("!If [C, x]", "E1028"),
        ("!Sub ['a${b}']", "E1019"),
        ("{Fn::Sub: 12}", "E1019"),
        ("!FindInMap [M, a]", "E1011"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(
    tmp_path: Path, value: str, rule: str
) -> None:
    """A function's variable has a function of CloudFormation written wrongly."""
    assert errors(tmp_path / "t.yaml", function(value)) == {(rule, 14)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (function("!If [C, x, y]", compared="a"), ("E8003", 2)),
        (TOPIC + "Outputs:\n", ("E6003", 3)),
    ],
    ids=["condition", "no outputs"],
)
def test_a_wrong_part_is_told_with_its_line(
    tmp_path: Path, text: str, found: tuple[str, int]
) -> None:
    """A section of a template is empty, or a function lacks what it needs."""
    assert found in errors(tmp_path / "t.yaml", text)


@pytest.mark.parametrize(
    ("value", "rule", "reason"),
    [
        ("!Ref Tabel", "E1020", "t.yaml: no such resource or parameter .*: Tabel"),
        ("!GetAtt Table", "E1010", "t.yaml: cannot be evaluated: ValueError"),
    ],
)
def test_what_cannot_be_judged_never_passes(
    tmp_path: Path, value: str, rule: str, reason: str
) -> None:
    """A function leaves out the rule of cfn-lint's that would say why."""
    with pytest.raises(HarnessError, match=reason):
        errors(tmp_path / "t.yaml", function(value, ignored=rule))


def test_empty_metadata_is_none(tmp_path: Path) -> None:
    """A topic's Metadata has nothing in it, and the template passes."""
    text = function("x") + "  T: {Type: AWS::SNS::Topic, Metadata: }\n"

    assert errors(tmp_path / "t.yaml", text) == set()


def test_resources_may_be_included_from_elsewhere(tmp_path: Path) -> None:
    """A template includes some, and those that it has itself are judged.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
    """
    assert errors(tmp_path / "t.yaml", TOPIC + INCLUDE) == {("E9040", 5)}
