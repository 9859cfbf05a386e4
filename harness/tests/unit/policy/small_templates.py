"""Pieces of templates, and what was found in them."""

from sam_harness.policy.rules import BrokenRule

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


def found(broken: list[BrokenRule]) -> set[tuple[str, object]]:
    """Return rule and resource of each one."""
    return {(one.rule.id, one.violation.path[1]) for one in broken}
