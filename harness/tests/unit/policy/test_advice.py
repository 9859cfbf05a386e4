"""What a finding asks for can be done, in the template as it is written."""

import pytest

from harness.tests.unit.policy.conftest import Judge
from harness.tests.unit.policy.small_templates import QUEUE

FUNCTION = """
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Events: {{E: {{Type: {event}, Properties: {{Path: /, Method: get}}}}}}
"""


def advice(judge_text: Judge, text: str, rule: str) -> str:
    """Return what the one finding of a rule says."""
    [said] = [one.violation.message for one in judge_text(text) if one.rule.id == rule]
    return said


@pytest.mark.parametrize(
    ("event", "rule", "setting"),
    [
        ("Api", "E9010", "set Globals.Api.TracingEnabled"),
        ("Api", "E9011", "set Globals.Api.AccessLogSetting"),
        ("Api", "E9012", "in Globals.Api.MethodSettings"),
        ("HttpApi", "E9011", "set Globals.HttpApi.AccessLogSettings"),
        ("HttpApi", "E9012", "in Globals.HttpApi.DefaultRouteSettings"),
        ("HttpApi", "E9013", "asks for no authoriser: set one"),
        ("Api", "E9003", "in a Role of your own"),
    ],
)
def test_the_settings_of_what_sam_makes_for_events_are_elsewhere(
    judge_text: Judge, event: str, rule: str, setting: str
) -> None:
    """An API that no resource declares is configured in Globals; HTTP has no keys."""
    said = advice(judge_text, FUNCTION.format(event=event), rule)

    assert setting in said


def test_a_simple_table_cannot_be_protected(judge_text: Judge) -> None:
    """SAM's type has no such property."""
    table = "Resources: {T: {Type: AWS::Serverless::SimpleTable}}"

    said = advice(judge_text, table, "E9032")

    assert "write it as AWS::DynamoDB::Table and set DeletionProtectionEnabled" in said


def test_no_dead_letter_queue_can_keep_messages_longer_than_the_longest(
    judge_text: Judge,
) -> None:
    """14 days are SQS's limit: then the source has to keep them shorter."""
    longest = ", MessageRetentionPeriod: 1209600"
    redrive = ", RedrivePolicy: {deadLetterTargetArn: !GetAtt D.Arn}"
    pair = QUEUE.format(name="Q", more=longest + redrive)
    pair += QUEUE.format(name="D", more=longest)

    said = advice(judge_text, f"Resources:{pair}", "E9024")

    assert said.endswith("SQS has no more, keep them in Q shorter")
