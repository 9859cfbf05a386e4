"""What deploying a template needs, and whether the roles that deploy may do it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.cli import main

SHOP = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Boundary: {Type: String}
  Shifts: {Type: String, Default: "no"}
Conditions:
  Shifted: !Equals [!Ref Shifts, "yes"]
Resources:
  Take:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-take
      Runtime: python3.13
      Handler: take.handler
      CodeUri: take/
      Role: !GetAtt TakeRole.Arn
  TakeRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
      PermissionsBoundary: !Ref Boundary
      Policies:
        - PolicyName: take
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !GetAtt Orders.Arn
  Orders: {Type: AWS::SQS::Queue}
"""
# Every "arn:" is narrowed to what the shop is called when CloudFormation has made it.
ROLES = """
Resources:
  Code: {Type: AWS::S3::Bucket}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sqs:SendMessage
            Resource: arn:aws:sqs:us-east-1:123456789012:shop-Orders-*
  CloudFormation:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: cloudformation.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: stack
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - iam:CreateRole
                  - iam:PutRolePermissionsBoundary
                  - iam:PutRolePolicy
                Resource: arn:aws:iam::123456789012:role/shop-*
                Condition: {StringEquals: {"iam:PermissionsBoundary": !Ref Limit}}
              - Effect: Allow
                Action:
                  - iam:DeleteRole
                  - iam:DeleteRolePolicy
                  - iam:GetRole
                  - iam:GetRolePolicy
                  - iam:ListAttachedRolePolicies
                  - iam:ListRolePolicies
                  - iam:ListRoleTags
                  - iam:TagRole
                  - iam:UntagRole
                  - iam:UpdateAssumeRolePolicy
                  - iam:UpdateRole
                Resource: arn:aws:iam::123456789012:role/shop-*
              - Effect: Allow
                Action: iam:PassRole
                Resource: arn:aws:iam::123456789012:role/shop-TakeRole-*
                Condition:
                  StringEquals: {"iam:PassedToService": lambda.amazonaws.com}
              - Effect: Allow
                Action: lambda:*
                Resource: arn:aws:lambda:us-east-1:123456789012:function:shop-take
              - Effect: Allow
                Action: sqs:*
                Resource: arn:aws:sqs:us-east-1:123456789012:shop-Orders-*
              - Effect: Allow
                Action: [s3:GetObject, s3:GetObjectVersion]
                Resource: !Sub ${Code.Arn}/*
Outputs:
  Boundary: {Value: !Ref Limit}
"""
IAM = "arn:aws:iam::123456789012:role/shop-TakeRole-1A2B3C4D5E6F"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:shop-Orders-1A2B3C4D5E6F"
ALIAS = "arn:aws:lambda:us-east-1:123456789012:function:shop-take:live"
EXCEPTION = """
- action: iam:DeleteRolePermissionsBoundary
  resource: AWS::IAM::Role
  reason: no role loses its boundary
"""

type Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs the command: its exit status and what it printed."""

    def run(
        shop: str = SHOP, roles: str = ROLES, exceptions: str = EXCEPTION, *more: str
    ) -> tuple[int, list[str]]:
        for name, text in (
            ("shop.yaml", shop), ("roles.yaml", roles), ("no.yaml", exceptions)
        ):  # fmt: skip
            (tmp_path / name).write_text(text)
        status = main(
            ["deploy-permissions", str(tmp_path / "shop.yaml"),
             "--role-template", str(tmp_path / "roles.yaml"),
             "--stack-name", "shop", "--exceptions", str(tmp_path / "no.yaml"), *more]
        )  # fmt: skip
        return status, capsys.readouterr().out.splitlines()

    return run


def test_what_the_handlers_declare_is_allowed(run: Run) -> None:
    """Neither keys, file systems nor networks are asked for: the shop has none."""
    assert run() == (0, [])


@pytest.mark.parametrize(
    ("allowed", "named"),
    [
        ("                  - iam:PutRolePolicy\n", f"iam:PutRolePolicy on {IAM}"),
        ("                  - iam:ListRoleTags\n", f"iam:ListRoleTags on {IAM}"),
        ("s3:GetObject, ", "s3:GetObject on arn:aws:s3:::deployers-code/artefact"),
    ],
)
def test_an_action_that_is_gone_is_missed_with_its_arn(
    run: Run, allowed: str, named: str
) -> None:
    """Each with the resource that it is for, and what CloudFormation would do."""
    assert ROLES.count(allowed) == 1

    status, lines = run(roles=ROLES.replace(allowed, ""))

    assert status == 1
    assert all(line.startswith(f"CloudFormation: {named}") for line in lines)
    assert lines
    assert "the identity-based policy has no Allow" in lines[0]


@pytest.mark.parametrize(
    ("changed", "by", "action"),
    [
        ("role/shop-TakeRole-*", "role/shop-TakeRole", "iam:PassRole"),
        ("lambda.amazonaws.com}", "ec2.amazonaws.com}", "iam:PassRole"),
        ("Action: sqs:*", "Action: sqs:GetQueueUrl", "sqs:CreateQueue"),
    ],
)  # fmt: skip
def test_a_name_or_condition_that_does_not_fit_denies(
    run: Run, changed: str, by: str, action: str
) -> None:
    """CloudFormation ends names in a suffix; roles are passed to one service."""
    assert ROLES.count(changed) == 1

    status, lines = run(roles=ROLES.replace(changed, by))

    assert status == 1
    assert any(f"CloudFormation: {action} on " in line for line in lines)


def test_a_role_without_the_boundary_cannot_be_made(run: Run) -> None:
    """The execution role makes roles on that condition only."""
    status, lines = run(shop=SHOP.replace("PermissionsBoundary: !Ref Boundary", ""))

    assert status == 1
    assert any("iam:CreateRole on " in line for line in lines)


def test_a_property_brings_the_permissions_that_it_needs(run: Run) -> None:
    """Reserved concurrency is set by a call of its own."""
    roles = ROLES.replace("lambda:*", "lambda:GetFunction")
    reserved = "      ReservedConcurrentExecutions: 5\n      CodeUri"

    _, without = run(roles=roles)
    _, lines = run(SHOP.replace("      CodeUri", reserved), roles)

    more = {line.split(" on ")[0] for line in set(lines) - set(without)}
    assert more == {
        "CloudFormation: lambda:PutFunctionConcurrency",
        "CloudFormation: lambda:DeleteFunctionConcurrency",
    }


def test_what_a_role_is_allowed_beyond_its_boundary_is_named(run: Run) -> None:
    """It would be denied although its policy says otherwise."""
    status, lines = run(shop=SHOP.replace("sqs:SendMessage", "sqs:PurgeQueue"))

    assert status == 1
    [line] = lines
    assert line == (
        f"TakeRole: sqs:PurgeQueue on {QUEUE}: its policies allow it, its permissions "
        "boundary does not (to be of use to TakeRole)"
    )


def test_a_branch_is_named_with_its_parameter(run: Run) -> None:
    """Conditions are taken both ways; so are the keys of mappings."""
    topic = "  Told:\n    Type: AWS::SNS::Topic\n    Condition: Shifted\n"

    status, lines = run(shop=SHOP + topic)

    assert status == 1
    assert all(line.endswith("with Shifts=yes") for line in lines)


CODE_DEPLOY = """
      AutoPublishAlias: live
      DeploymentPreference: {Type: AllAtOnce, Role: !GetAtt ShiftRole.Arn}
  ShiftRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: codedeploy.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: shift
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: [lambda:GetAlias, lambda:UpdateAlias]
                Resource: !GetAtt Take.Arn
"""


def test_code_deploy_needs_what_awss_own_policies_for_it_have(run: Run) -> None:
    """All of AWS's two policies that is about the functions, and the alarms on "*"."""
    role = "      Role: !GetAtt TakeRole.Arn\n"
    _, lines = run(shop=SHOP.replace(role, role.rstrip() + CODE_DEPLOY))

    assert [line.split(": the ")[0] for line in lines if "ShiftRole: " in line] == [
        "ShiftRole: cloudwatch:DescribeAlarms on *",
        f"ShiftRole: lambda:GetProvisionedConcurrencyConfig on {ALIAS}",
    ]


def test_an_exception_without_use_fails(run: Run) -> None:
    """What it was for is gone; if it comes back, it must be excepted anew."""
    more = EXCEPTION + "- {action: 'ec2:*', resource: Take, reason: there is no VPC}\n"

    assert run(exceptions=more) == (
        1,
        ["exception without use: ec2:* for Take: take it out"],
    )


@pytest.mark.parametrize(
    "text",
    [
        "- {action: 'sqs:*', resource: Orders}",
        "- {action: 'sqs:*', resource: Orders, reason: ''}",
        "- sqs:*",
        "action: sqs:*",
    ],
)
def test_an_exception_without_its_reason_is_refused(run: Run, text: str) -> None:
    """The call is wrong: status 2, and nothing is checked."""
    assert run(exceptions=text) == (2, [])


def test_a_template_of_roles_without_cloudformations_is_refused(run: Run) -> None:
    """With the roles that it has, to choose from."""
    status, _ = run(roles=ROLES.replace("cloudformation.amazonaws", "ec2.amazonaws"))

    assert status == 1


def test_a_type_that_is_in_no_registry_fails(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """What its handler needs cannot be known, so nothing can be said to be allowed."""
    status, _ = run(shop=SHOP + "  Odd: {Type: AWS::Odd::Thing}\n")

    assert status == 1
    assert not capsys.readouterr().out
