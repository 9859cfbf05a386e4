"""Rules look at the values that parameters give."""

from pathlib import Path

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.staged import STAGED
from sam_harness.policy.rules import RULES, judge
from sam_harness.template.document import load
from sam_harness.template.sam import translate
from sam_harness.template.values import scenarios

FIXTURES = Path(__file__).parent / "fixtures"


TABLE = (
    STAGED
    + """\
    Properties:
      RedriveAllowPolicy: {redrivePermission: allowAll}
      SqsManagedSseEnabled: !If [IsProduction, false, true]
"""
)


def test_a_given_parameter_counts_instead_of_its_default(judge_file: Judge) -> None:
    """6 x 10 s fits into 60 s of visibility, 6 x 11 s does not."""
    path = FIXTURES / "E9021-good.yaml"

    [one] = judge_file(path, WorkerSeconds="11")

    assert one.rule.id == "E9021"
    assert "60 s; 6 x the 11 s of Worker is 66 s" in one.violation.message


def test_what_only_production_breaks_is_found_without_being_asked(
    judge_text: Judge,
) -> None:
    """The condition names the value that takes its branch."""
    [one] = judge_text(TABLE)

    assert one.rule.id == "E9025"
    assert one.violation.message.endswith("(with Stage=production)")


def test_a_stage_that_is_given_is_not_varied(judge_text: Judge) -> None:
    """The caller asks about one stage then."""
    assert not judge_text(TABLE, Stage="test")
    assert judge_text(TABLE, Stage="production")


@pytest.mark.parametrize(("stage", "rules"), [("production", []), ("test", ["E9032"])])
def test_protection_on_production_is_enough_unless_another_stage_is_asked_for(
    judge_file: Judge, stage: str, rules: list[str]
) -> None:
    """Without a parameter the rule is content when one set of values protects."""
    path = FIXTURES / "E9032-good.yaml"

    assert [one.rule.id for one in judge_file(path, Stage=stage)] == rules


def test_each_comparison_is_made_true_and_false_once() -> None:
    """From the default of one parameter and the allowed values of another."""
    template = {
        "Parameters": {
            "Stage": {"Type": "String", "Default": "test"},
            "Size": {"Type": "String", "AllowedValues": ["small", "large"]},
            "Free": {"Type": "String"},
        },
        "Conditions": {
            "IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
            "IsLarge": {"Fn::Not": [{"Fn::Equals": ["large", {"Ref": "Size"}]}]},
        },
    }

    assert list(scenarios(template, {"Free": "x"})) == [
        {"Free": "x"},
        {"Free": "x", "Stage": "production"},
        {"Free": "x", "Stage": "test"},
        {"Free": "x", "Size": "large"},
        {"Free": "x", "Size": "small"},
    ]


def test_a_value_that_only_a_deployment_knows_breaks_no_rule(judge_text: Judge) -> None:
    """A parameter without a default may be anything."""
    assert not judge_text("""
Parameters:
  QueueArn: {Type: String}
  RoleArn: {Type: String}
  Group: {Type: String}
  Mode: {Type: String}
  Watched: {Type: String, Default: jobs-of-another-stack}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Role: !Ref RoleArn
      Tracing: !Ref Mode
      LoggingConfig: {LogGroup: !Ref Group}
      Environment: {Variables: {API_TOKEN: !Ref Group}}
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !Ref QueueArn, FunctionName: !Ref F}
  A:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: NumberOfMessagesSent
      Dimensions: [{Name: QueueName, Value: !Ref Watched}]
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
""")


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_no_property_has_to_be_known(rule: str) -> None:
    """Another stack may export what is usually a mapping or a list."""
    source = load(FIXTURES / f"{rule}-good.yaml")
    template = translate(source, {}).template
    for name, resource in template["Resources"].items():
        for key in resource.get("Properties", {}):
            properties = resource["Properties"] | {key: {"Fn::ImportValue": "a"}}
            changed = {name: {**resource, "Properties": properties}}

            resources = template["Resources"] | changed
            broken = judge(source, {**template, "Resources": resources}, {})

            at = ("Resources", name, "Properties", key)
            assert at not in {one.violation.path[:4] for one in broken}
