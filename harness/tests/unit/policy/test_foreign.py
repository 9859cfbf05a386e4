"""Templates as others write them, right or wrong in one way, by the whole check."""

from pathlib import Path

import pytest

from sam_harness.policy.check import check
from sam_harness.project import Profile

HEAD = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
TAGS = """\
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: ec2:CreateTags
            Resource: arn:aws:ec2:us-east-1:123456789012:snapshot/snap-1
          - Effect: Allow
            Action: apigateway:{action}
            Resource: arn:aws:apigateway:us-east-1::/restapis/abc
"""
SIGNED = """\
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Policies:
        - Version: "2012-10-17"
          Statement: {Effect: Allow, Action: "cloudwatch:PutMetricData", Resource: "*"}
      Events: {G: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref A}}}
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        openapi: "3.0.1"
        info: {title: a, version: "1"}
        paths:
          /a:
            get:
              x-amazon-apigateway-auth: {type: AWS_IAM}
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri: !Sub arn:aws:apigateway:us-east-1:lambda:path/${F.Arn}/invocations
"""
READER = """\
  Q:
    Type: AWS::SQS::Queue
    Properties: {{RedriveAllowPolicy: {{redrivePermission: allowAll}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: {runtime}
      Handler: app.handler
      CodeUri: src/
      Timeout: {seconds}
      Events: {{Q: {{Type: SQS, Properties: {{Queue: !GetAtt Q.Arn}}}}}}
"""
PUBLIC = """\
  F:
    Type: AWS::Serverless::Function
    Metadata: {cfn-lint: {config: {ignore_checks: [E9013]}}}
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Events: {G: {Type: Api, Properties: {Path: /health, Method: get}}}
"""


def ids(folder: Path, body: str, profile: Profile = Profile.DEFAULT) -> list[str]:
    """Return the rules that are broken; in lower case those that are suppressed."""
    path = folder / "template.yaml"
    path.write_text(HEAD + body)
    return [
        one.rule.lower() if one.suppressed_by else one.rule
        for one in check(path, {}, profile)
    ]


@pytest.mark.parametrize(
    ("action", "rules"), [("TagResource", []), ("TagResorce", ["W3037"])]
)
def test_an_action_that_aws_has_is_one_though_cfn_lint_has_it_not(
    tmp_path: Path, action: str, rules: list[str]
) -> None:
    """Nor is one that has a resource said to have none."""
    assert ids(tmp_path, TAGS.format(action=action)) == rules


def test_an_action_without_resources_and_a_signed_method_are_no_defect(
    tmp_path: Path,
) -> None:
    """Of the stage that SAM adds there is one finding, and it is a style."""
    strict = ids(tmp_path, SIGNED, Profile.STRICT)

    assert ids(tmp_path, SIGNED) == []
    assert [one for one in strict if one in {"E9002", "E9013", "E9014"}] == ["E9014"]
    assert [strict.count(one) for one in ("E9010", "E9011", "E9012")] == [1, 1, 1]


@pytest.mark.parametrize(
    ("runtime", "seconds", "rules"),
    [
        ("python3.13", 5, []),
        ("python3.13", 20, ["E9021"]),
        ("python3.13", 60, ["E9021"]),  # cfn-lint's E3505 says less
        ("python2.7", 5, ["E2533"]),
    ],
)
def test_one_mistake_is_one_finding(
    tmp_path: Path, runtime: str, seconds: int, rules: list[str]
) -> None:
    """Of ours or of cfn-lint's."""
    assert ids(tmp_path, READER.format(runtime=runtime, seconds=seconds)) == rules


def test_a_function_can_say_that_its_method_is_for_all(tmp_path: Path) -> None:
    """The API that SAM makes for its event has no metadata of its own."""
    assert ids(tmp_path, PUBLIC) == ["e9013"]
