"""A small template and its matrix."""

from pathlib import Path

import pytest

from sam_harness.access import matrix, stack
from sam_harness.access.matrix import Matrix
from sam_harness.access.stack import Stack
from sam_harness.template.names import Place

TEMPLATE = """
Resources:
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: I, KeySchema: [{AttributeName: at, KeyType: HASH}]}
  Worker:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {}}
"""
MATRIX = """
Worker:
  allow:
    - {actions: sqs:SendMessage, resources: Q, because: it sends}
    - {actions: dynamodb:Query, resources: T/index/I, because: it asks}
    - actions: xray:PutTraceSegments
      resources: "*"
      because: it is traced
      unused: nothing traces here
  deny:
    - {actions: [sqs:PurgeQueue, sqs:ReceiveMessage], resources: Q}
    - {actions: sqs:SendMessage, resources: another sqs queue}
"""


@pytest.fixture
def a_matrix(tmp_path: Path) -> Matrix:
    """Return the matrix."""
    path = tmp_path / "matrix.yaml"
    path.write_text(MATRIX)
    return matrix.load(path)


@pytest.fixture
def a_stack(tmp_path: Path) -> Stack:
    """Return the template as deployed: two names were made up by CloudFormation."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    place = Place("111122223333", "eu-west-1", "aws", "s")
    return stack.load(path, {}, place, {"T": "s-T-X1", "Worker": "s-Worker-X2"})
