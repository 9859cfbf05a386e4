"""The static layer: what is listed, what is missing, what stops it."""

from pathlib import Path
from textwrap import indent

import pytest

from harness.tests.unit.access.differences import (
    MATRIX,
    TEMPLATE,
    a_statement,
    differences,
)
from sam_harness.errors import HarnessError


def test_what_the_matrix_lists_is_no_difference(tmp_path: Path) -> None:
    """The control of all tests below."""
    assert differences(tmp_path, "") == []


def test_a_managed_policy_of_aws_is_looked_into(tmp_path: Path) -> None:
    """Not its name counts, but what is in it."""
    managed = "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSQSFullAccess']"

    found = differences(tmp_path, indent(managed, " " * 6))

    assert any("Worker: sqs:DeleteQueue on *, Q" in difference for difference in found)


def test_each_action_is_named_with_its_own_resources(tmp_path: Path) -> None:
    """What one statement allows says nothing of what another does."""
    purge = "{Effect: Allow, Action: sqs:PurgeQueue, Resource: !GetAtt Q.Arn}"
    delete = "{Effect: Allow, Action: sqs:DeleteQueue, Resource: 'arn:aws:sqs:*:*:x'}"

    found = differences(tmp_path, a_statement(purge) + "\n" + a_statement(delete))

    assert [difference.split(": not in")[0] for difference in found] == [
        "Worker: sqs:DeleteQueue on arn:aws:sqs:x:x:x",
        "Worker: sqs:PurgeQueue on Q",
    ]


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


def test_a_grant_for_calls_over_tls_is_one_for_all_calls(tmp_path: Path) -> None:
    """No call of AWS's clients is made without."""
    statement = (
        "{Effect: Allow, Action: sqs:PurgeQueue, Resource: !GetAtt Q.Arn, "
        "Condition: {Bool: {'aws:SecureTransport': 'true'}}}"
    )
    listed = "    - {actions: sqs:PurgeQueue, resources: Q, because: x}\n"

    assert differences(tmp_path, a_statement(statement), MATRIX + listed) == []


def test_a_role_that_only_the_matrix_has_is_named(tmp_path: Path) -> None:
    """So a renamed role is not overlooked."""
    matrix = MATRIX + MATRIX.replace("Worker", "Another")

    assert differences(tmp_path, "", matrix) == [
        "Another: * on *: the matrix has this role, the template has not"
    ]


ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:one-AbCdEf"
ON_PRODUCTION = f"""\
              - !If
                - IsProduction
                - Effect: Allow
                  Action: secretsmanager:GetSecretValue
                  Resource: {ARN}
                - !Ref AWS::NoValue
"""
READS_SECRET = f"""\
    - actions: secretsmanager:GetSecretValue
      resources: {ARN}
      because: x
"""
WHEN_PRODUCTION = "      when: {Stage: production}\n"


def test_an_entry_with_when_is_looked_for_where_it_is_given(tmp_path: Path) -> None:
    """There it has to be granted, elsewhere it must not be."""
    matrix = MATRIX + READS_SECRET + WHEN_PRODUCTION

    assert differences(tmp_path, ON_PRODUCTION, matrix) == []
    assert differences(tmp_path, "", matrix) == [
        (
            f"Worker: secretsmanager:GetSecretValue on {ARN}: the matrix allows it, "
            "the identity-based policy does not (with Stage=production)"
        )
    ]


def test_an_entry_without_when_is_looked_for_on_every_branch(tmp_path: Path) -> None:
    """What only some stacks grant is not what the matrix says then."""
    assert differences(tmp_path, ON_PRODUCTION, MATRIX + READS_SECRET) == [
        (
            f"Worker: secretsmanager:GetSecretValue on {ARN}: the matrix allows it, "
            "the identity-based policy does not"
        )
    ]


def test_a_parameter_without_a_default_may_have_any_value(tmp_path: Path) -> None:
    """What a deployment gives it is not known."""
    matrix = MATRIX + READS_SECRET + WHEN_PRODUCTION
    without = TEMPLATE.replace(", Default: test", "")

    assert differences(tmp_path, ON_PRODUCTION, matrix, without) == []


def test_a_conditional_grant_that_is_not_listed_is_found(tmp_path: Path) -> None:
    """On the branch that makes it."""
    found = differences(tmp_path, ON_PRODUCTION)

    assert any("not in the matrix" in one for one in found), found
