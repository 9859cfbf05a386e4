"""The static layer names everything that the matrix does not list."""

from pathlib import Path
from textwrap import indent

import pytest

from harness.tests.unit.access.differences import a_statement, differences


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "{Effect: Allow, Action: 'sqs:*', Resource: !GetAtt Q.Arn}",
            (
                "Worker: sqs:PurgeQueue on Q: not in the matrix, but allowed by "
                "Worker, policy own, statement 1"
            ),
        ),
        (
            "{Sid: All, Effect: Allow, Action: sqs:sendmessage, Resource: '*'}",
            (
                "Worker: sqs:SendMessage on *, another sqs queue: not in the matrix, "
                "but allowed by Worker, policy own, All"
            ),
        ),
        (
            "{Effect: Allow, Action: '*', Resource: !GetAtt Fn.Arn}",
            "Worker: lambda:InvokeFunction on Fn:",
        ),
        (
            "{Effect: Allow, NotAction: 'sqs:*', Resource: '*'}",
            "Worker: iam:PassRole on ",
        ),
        (
            "{Effect: Allow, Action: sqs:SendMessage, NotResource: !GetAtt Q.Arn}",
            "Worker: sqs:SendMessage on *, another sqs queue",
        ),
        (
            (
                "{Effect: Allow, Action: sqs:SendMessage, Resource: "
                "'arn:aws:sqs:us-east-1:210987654321:theirs'}"
            ),
            "Worker: sqs:SendMessage on arn:aws:sqs:us-east-1:210987654321:theirs",
        ),
        (
            "{Effect: Allow, Action: s3:GetObject, Resource: 'arn:aws:s3:::b/*'}",
            "Worker: s3:GetObject on arn:aws:s3:::b/x",
        ),
        (
            (
                "{Effect: Allow, Action: lambda:InvokeFunction, Resource: "
                "!Sub '${Fn.Arn}:*'}"
            ),
            "Worker: lambda:InvokeFunction on Fn/",
        ),
        (
            (
                "{Effect: Allow, Action: sqs:PurgeQueue, Resource: !GetAtt Q.Arn, "
                "Condition: {IpAddress: {'aws:SourceIp': 192.0.2.1}}}"
            ),
            "Worker: sqs:PurgeQueue on Q: not in the matrix",
        ),
        (
            (
                "{Effect: Allow, Action: sqs:PurgeQueue, Resource: "
                "'arn:aws:sqs:us-east-1:*:${aws:PrincipalTag/queue}'}"
            ),
            "Worker: sqs:PurgeQueue on Q",
        ),
        (
            "{Effect: Allow, NotAction: sqs:SendMessage, Resource: !GetAtt Q.Arn}",
            "Worker: sqs:PurgeQueue on Q: not in the matrix",
        ),
        (
            (
                "{Effect: Allow, Action: sqs:PurgeQueue, NotResource: "
                "'arn:aws:sqs:*:*:${aws:PrincipalTag/queue}'}"
            ),
            "Worker: sqs:PurgeQueue on *, Q",
        ),
        (
            (
                "!If [IsProduction, {Effect: Allow, Action: sqs:PurgeQueue, "
                "Resource: !GetAtt Q.Arn}, !Ref AWS::NoValue]"
            ),
            "allowed by Worker, policy own, statement 1 (with Stage=production)",
        ),
    ],
)
def test_a_statement_that_allows_more_is_named(
    tmp_path: Path, statement: str, said: str
) -> None:
    """Wildcards, other resources, conditions that might hold, other branches."""
    found = differences(tmp_path, a_statement(statement))

    assert any(said in difference for difference in found), found


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (
            (
                "Extra: {Type: AWS::IAM::Policy, Properties: {PolicyName: x, "
                "Roles: [!Ref Worker], PolicyDocument: {Version: '2012-10-17', "
                "Statement: {Effect: Allow, Action: sqs:PurgeQueue, "
                "Resource: !GetAtt Q.Arn}}}}"
            ),
            "sqs:PurgeQueue on Q: not in the matrix, but allowed by Extra, statement 0",
        ),
        (
            (
                "Extra: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Q], "
                "PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, "
                "Principal: '*', Action: sqs:PurgeQueue, Resource: !GetAtt Q.Arn}}}}"
            ),
            "sqs:PurgeQueue on Q: not in the matrix, but allowed by policy of Q",
        ),
        (
            (
                "Extra: {Type: AWS::Lambda::Permission, Properties: {FunctionName: "
                "!Ref Fn, Principal: '*', Action: lambda:InvokeFunction}}"
            ),
            "lambda:InvokeFunction on Fn: not in the matrix, but allowed by policy of",
        ),
        (
            "Extra: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}",
            "Extra: * on *: the template has this role, the matrix has not",
        ),
    ],
)
def test_a_resource_that_allows_more_is_named(
    tmp_path: Path, resource: str, said: str
) -> None:
    """Policies need not stand in the role."""
    found = differences(tmp_path, indent(resource, "  "))

    assert any(said in difference for difference in found), found
