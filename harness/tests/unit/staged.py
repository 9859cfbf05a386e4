"""The head of a template that is told its stage: a queue, to be gone on from."""

STAGED = """
Parameters:
  Stage: {Type: String, Default: test}
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
  Q:
    Type: AWS::SQS::Queue
"""
