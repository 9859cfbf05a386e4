"""A small stack, and how it differs from its matrix."""

from pathlib import Path
from textwrap import indent

from harness.tests.unit.staged import STAGED
from sam_harness.access import static
from sam_harness.access.matrix import load

TEMPLATE = (
    STAGED
    + """\
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
)
MATRIX = """
Worker:
  allow:
    - {actions: sqs:SendMessage, resources: Q, because: it sends}
"""
ROLE_OF_ANOTHER = "AWS: !Sub arn:aws:iam::${AWS::AccountId}:root"


def differences(
    tmp_path: Path, addition: str, matrix: str = MATRIX, text: str = TEMPLATE
) -> list[str]:
    """Return what the static layer says of the template with one addition."""
    template, path = tmp_path / "template.yaml", tmp_path / "matrix.yaml"
    template.write_text(text % addition)
    path.write_text(matrix)
    the_matrix = load(path)
    return static.differences(static.layers(template, the_matrix, {}), the_matrix)


def a_statement(text: str) -> str:
    """Return a statement as the template's list has it."""
    return indent("- " + indent(text.strip(), "  ").strip(), " " * 14)
