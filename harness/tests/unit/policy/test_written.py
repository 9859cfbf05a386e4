"""Warnings of cfn-lint's about text that SAM wrote are left out, others are not."""

from pathlib import Path

import pytest

from sam_harness.policy.check import check

HEAD = """\
Transform: AWS::Serverless-2016-10-31
Parameters: {P: {Type: String, Default: a}}
Conditions: {C: !Equals [!Ref P, b]}
Resources:
  Q: {Type: AWS::SQS::Queue}
"""
FUNCTION = """\
  F:
    Type: AWS::Serverless::Function
    Condition: C
    Properties: {{Runtime: python3.13, Handler: a.b, InlineCode: 'x=1', {more}}}
"""
BUCKET = "  B: {{Type: AWS::S3::Bucket, Condition: C, Properties: {{{}}}}}\n"
EVENT = (
    "Events: {E: {Type: S3, Properties: {Bucket: !Ref B, Events: s3:ObjectRemoved:*}}}"
)
NAMED = "BucketName: !If [C, this, that]"
TYPO = "{Statement: {Effect: Allow, Action: sqs:SendMesage, Resource: !GetAtt Q.Arn}}"
POLLER = "{SQSPollerPolicy: {QueueName: !GetAtt Q.QueueName}}"
PLANNED = """\
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Auth: {ApiKeyRequired: true, UsagePlan: {CreateUsagePlan: PER_API}}
"""
WAITS = "  T: {{Type: AWS::SNS::Topic, DependsOn: {}, Properties: {{TopicName: {}}}}}\n"


def lines_of(rule: str, folder: Path, resources: str) -> list[int]:
    """Return the lines at which a rule of cfn-lint's finds something."""
    path = folder / "template.yaml"
    path.write_text(HEAD + resources)
    return [one.line for one in check(path, {}) if one.rule == rule]


@pytest.mark.parametrize(
    ("policies", "lines"),
    [
        (f"[{POLLER}]", []),
        (f"[{POLLER}, {TYPO}]", [9]),
        (TYPO, [9]),
        (f"[!If [C, {POLLER}, !Ref AWS::NoValue]]", []),
        (f"[!If [C, {TYPO}, !Ref AWS::NoValue]]", [9]),
    ],
)
def test_an_action_in_a_policy_template_of_sams_is_not_the_authors(
    tmp_path: Path, policies: str, lines: list[int]
) -> None:
    """A function has SAM's policy template, a statement of its own, or both."""
    resources = FUNCTION.format(more=f"Policies: {policies}")

    assert lines_of("W3037", tmp_path, resources) == lines


@pytest.mark.parametrize(
    ("resources", "lines"),
    [
        (PLANNED, []),
        (WAITS.format("Q", "!GetAtt Q.QueueName"), [6]),
        (WAITS.format("[Q]", "!GetAtt Q.QueueName"), [6]),
    ],
)
def test_a_needless_dependency_is_told_to_who_wrote_it(
    tmp_path: Path, resources: str, lines: list[int]
) -> None:
    """A usage plan of SAM's depends on its API twice, a topic on its queue."""
    assert lines_of("W3005", tmp_path, resources) == lines


def test_an_output_is_always_the_authors(tmp_path: Path) -> None:
    """An output has a condition, and an Fn::If on it with a branch never taken."""
    output = "Outputs: {O: {Condition: C, Value: !If [C, a, b]}}\n"

    assert lines_of("W1028", tmp_path, output) == [6]


@pytest.mark.parametrize(
    ("bucket", "more", "lines"),
    [
        ("", EVENT, []),
        (NAMED, "Tags: {}", [6]),
        ("", "Tags: {tag: !If [C, a, b]}", [10]),
        ("", f"Policies: [!If [C, {POLLER}, {POLLER}]]", [10]),
    ],
)
def test_a_branch_that_is_never_taken_is_told_to_who_wrote_it(
    tmp_path: Path, bucket: str, more: str, lines: list[int]
) -> None:
    """A bucket or a function has a condition, and an Fn::If of SAM's or its own."""
    resources = BUCKET.format(bucket) + FUNCTION.format(more=more)

    assert lines_of("W1028", tmp_path, resources) == lines
