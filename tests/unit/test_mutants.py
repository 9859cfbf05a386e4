"""Mutants of a policy."""

from pathlib import Path
from typing import Any

import pytest

from integration.access.mutants import Mutant, additions, mutated, removals
from sam_harness.access import matrix, stack
from sam_harness.access.matrix import Matrix
from sam_harness.access.stack import Stack
from sam_harness.template.names import Place

TEMPLATE = """
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  Worker:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}}
"""
MATRIX = """
Worker:
  allow:
    - {actions: sqs:SendMessage, resources: Q, because: it sends}
    - {actions: xray:PutTraceSegments, resources: "*", because: it is traced}
  deny:
    - {actions: [sqs:PurgeQueue, sqs:ReceiveMessage], resources: Q}
    - {actions: sqs:SendMessage, resources: another sqs queue}
"""
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"


@pytest.fixture
def a_matrix(tmp_path: Path) -> Matrix:
    """Return the matrix."""
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX)
    return matrix.load(path)


@pytest.fixture
def a_stack(tmp_path: Path) -> Stack:
    """Return the template."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return stack.load(path, {}, Place("111122223333", "eu-west-1", "aws", "s"))


def a_policy(*actions: str) -> dict[str, Any]:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": QUEUE}
    return {"Version": "2012-10-17", "Statement": [statement]}


def a_removal(action: str) -> Mutant:
    """Return a mutant without an action."""
    return Mutant("Worker", action, QUEUE, "", is_added=False)


def test_every_grant_is_removed_once(a_matrix: Matrix, a_stack: Stack) -> None:
    """One mutant per allowed cell."""
    removed = [mutant.what for mutant, _ in removals(a_matrix, a_stack)]

    assert removed == [
        "without sqs:SendMessage",
        "without xray:PutTraceSegments",
    ]


def test_wildcards_neighbours_and_other_resources_are_added(
    a_matrix: Matrix, a_stack: Stack
) -> None:
    """Where the matrix denies by name what then gets through; nothing to "any"."""
    added = [(one.action, one.resource) for one in additions(a_matrix, a_stack)]

    assert added == [
        ("sqs:*", QUEUE),
        ("sqs:SendMessage", "*"),
        ("sqs:PurgeQueue", QUEUE),
        ("sqs:SendMessage", QUEUE.removesuffix("q") + "another"),
    ]


def test_only_the_action_is_taken_out_of_its_statement() -> None:
    """Its neighbours stay."""
    policy = a_policy("sqs:SendMessage", "sqs:PurgeQueue")

    assert mutated(policy, a_removal("sqs:PurgeQueue")) == a_policy("sqs:SendMessage")


def test_a_statement_goes_with_its_last_action() -> None:
    """IAM takes no statement without an action."""
    policy = a_policy("sqs:SendMessage")

    assert mutated(policy, a_removal("sqs:SendMessage"))["Statement"] == []


def test_what_is_not_granted_cannot_be_removed() -> None:
    """The result is equal, so that the run notices that it tries nothing."""
    policy = a_policy("sqs:SendMessage")

    assert mutated(policy, a_removal("sqs:PurgeQueue")) == policy
