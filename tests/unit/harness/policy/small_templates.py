"""Pieces of templates, and what was found in them."""

from harness.policy.pack import Verdict

TRUST = """
      AssumeRolePolicyDocument: {Statement: []}"""
QUEUE = """
  {name}:
    Type: AWS::SQS::Queue
    Properties: {{SqsManagedSseEnabled: true{more}}}
"""
FUNCTION = """
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Tracing: Active
      Role: !GetAtt R.Arn
      FunctionName: f
  L:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /aws/lambda/f, RetentionInDays: 7}
"""


def found(verdicts: list[Verdict]) -> set[tuple[str, object]]:
    """Return rule and resource of each verdict."""
    return {(verdict.rule.id, verdict.violation.path[1]) for verdict in verdicts}
