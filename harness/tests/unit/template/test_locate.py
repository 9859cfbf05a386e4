"""Findings stand at the line of the source that caused them."""

from collections.abc import Callable

import pytest

from sam_harness.template.document import load
from sam_harness.template.locate import locate
from sam_harness.template.sam import translate

SOURCE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Environment:
      Variables:
        FROM_GLOBALS: x
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      CodeUri: src/
      Tracing: PassThrough
      Environment:
        Variables:
          OWN: x
      Policies:
        - AWSXrayWriteOnlyAccess
        - Statement:
            - Effect: Allow
              Action: s3:*
              Resource: arn:aws:s3:::b
      Events:
        Take:
          Type: SQS
          Properties:
            Queue: arn:aws:sqs:us-east-1:123456789012:jobs
            BatchSize: 1
        List:
          Type: Api
          Properties: {Path: /y, Method: any}
        Get:
          Type: Api
          Properties: {Path: /x, Method: GET}
Outputs:
  Name:
    Value: !Ref Worker
"""
WORKER = ("Resources", "Worker", "Properties")
type LineOf = Callable[[tuple[str | int, ...]], int]


@pytest.fixture(scope="module")
def line_of(tmp_path_factory: pytest.TempPathFactory) -> LineOf:
    """Find lines in the source, which is translated once."""
    file = tmp_path_factory.mktemp("locate") / "template.yaml"
    file.write_text(SOURCE)
    source = load(file)
    translation = translate(source, {})
    return lambda path: locate(source, translation, path).line


API = ("Resources", "ServerlessRestApi", "Properties")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("Resources", "Worker"), 8),
        ((*WORKER, "LoggingConfig"), 8),
        ((*WORKER, "Runtime"), 12),
        ((*WORKER, "TracingConfig"), 14),
        ((*WORKER, "Environment", "Variables", "OWN"), 17),
        ((*WORKER, "Environment", "Variables", "FROM_GLOBALS"), 6),
        (("Resources", "WorkerRole", "Properties", "ManagedPolicyArns", 0), 8),
        (
            (
                *("Resources", "WorkerRole", "Properties", "Policies", 0),
                *("PolicyDocument", "Statement", 0, "Action"),
            ),
            22,
        ),
        (("Resources", "WorkerTake", "Properties", "BatchSize"), 29),
        (("Resources", "WorkerTake", "Properties", "ScalingConfig"), 25),
        ((*API, "Body", "paths", "/x", "get"), 33),
        ((*API, "Body", "paths", "/y", "x-amazon-apigateway-any-method"), 30),
        (("Resources", "ServerlessRestApiProdStage", "Properties"), 30),
        (("Outputs", "Name", "Value"), 38),
    ],
)
def test_a_path_of_the_translation_has_a_line_in_the_source(
    line_of: LineOf, path: tuple[str | int, ...], line: int
) -> None:
    """Of the property, of the event, of the policy, else of the resource."""
    assert line_of(path) == line
