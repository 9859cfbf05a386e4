"""Whatever a policy allows beyond the matrix is found, however it is written."""

from pathlib import Path
from textwrap import indent

import pytest

from harness.access import check
from harness.access.matrix import load
from harness.errors import HarnessError

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: test}
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
  Q:
    Type: AWS::SQS::Queue
  Fn:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: fn, Runtime: python3.13, Role: !GetAtt Worker.Arn}
  Worker:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Send
                Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt Q.Arn
%s
"""
MATRIX = """
Worker:
  allow:
    - {actions: sqs:SendMessage, resources: Q, because: it sends}
"""
ROLE_OF_ANOTHER = "AWS: !Sub arn:aws:iam::${AWS::AccountId}:root"


def differences(tmp_path: Path, addition: str, matrix: str = MATRIX) -> list[str]:
    """Return what the static layer says of the template with one addition."""
    template, path = tmp_path / "template.yaml", tmp_path / "matrix.yaml"
    template.write_text(TEMPLATE % addition)
    path.write_text(matrix)
    return check.check(template, load(path))


def a_statement(text: str) -> str:
    """Return a statement as the template's list has it."""
    return indent("- " + indent(text.strip(), "  ").strip(), " " * 14)


def test_what_the_matrix_lists_is_no_difference(tmp_path: Path) -> None:
    """The control of all tests below."""
    assert differences(tmp_path, "") == []


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


def test_a_managed_policy_of_aws_is_looked_into(tmp_path: Path) -> None:
    """Not its name counts, but what is in it."""
    managed = "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSQSFullAccess']"

    found = differences(tmp_path, indent(managed, " " * 6))

    assert any("Worker: sqs:DeleteQueue on *, Q" in difference for difference in found)


def test_a_policy_that_nobody_knows_stops_the_check(tmp_path: Path) -> None:
    """What is in it cannot be told, so nothing can."""
    managed = "ManagedPolicyArns: ['arn:aws:iam::123456789012:policy/theirs']"

    with pytest.raises(HarnessError, match="policy/theirs is not known: give it"):
        differences(tmp_path, indent(managed, " " * 6))


def test_permissions_of_users_stop_the_check(tmp_path: Path) -> None:
    """A matrix of roles cannot say anything about them."""
    with pytest.raises(HarnessError, match="Somebody is an AWS::IAM::User"):
        differences(tmp_path, "  Somebody: {Type: AWS::IAM::User}")


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (
            "{actions: sqs:PurgeQueue, resources: Q, because: x}",
            (
                "Worker: sqs:PurgeQueue on Q: the matrix allows it, "
                "the identity-based policy does not"
            ),
        ),
        (
            "{actions: sqs:PurgeQueue, resources: Qu, because: x}",
            "the matrix names Qu, which the template has not",
        ),
        (
            "{actions: sqs:PurgeQueue, resources: another queue, because: x}",
            "the matrix names another queue, which the template has not",
        ),
    ],
)
def test_what_is_listed_and_not_allowed_is_named(
    tmp_path: Path, listed: str, said: str
) -> None:
    """A matrix that says more than the template is as wrong."""
    matrix = f"{MATRIX}    - {listed}\n"

    found = differences(tmp_path, "", matrix)

    assert any(said in difference for difference in found), found


def test_a_grant_under_a_condition_is_not_taken_for_granted(tmp_path: Path) -> None:
    """The matrix says what a role may do, not when."""
    statement = (
        "{Effect: Allow, Action: sqs:PurgeQueue, Resource: !GetAtt Q.Arn, "
        "Condition: {IpAddress: {'aws:SourceIp': 192.0.2.1}}}"
    )
    listed = "    - {actions: sqs:PurgeQueue, resources: Q, because: x}\n"

    found = differences(tmp_path, a_statement(statement), MATRIX + listed)

    assert found == [
        (
            "Worker: sqs:PurgeQueue on Q: the matrix allows it, "
            "the identity-based policy does not unless a condition is met"
        )
    ]


def test_a_role_that_only_the_matrix_has_is_named(tmp_path: Path) -> None:
    """So a renamed role is not overlooked."""
    matrix = MATRIX + MATRIX.replace("Worker", "Another")

    assert differences(tmp_path, "", matrix) == [
        "Another: * on *: the matrix has this role, the template has not"
    ]
