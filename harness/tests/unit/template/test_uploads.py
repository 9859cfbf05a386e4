"""What of a template is on this machine, and is not uploaded with the functions."""

from pathlib import Path

from sam_harness.template.document import load
from sam_harness.template.uploads import others

TEMPLATE = """\
Resources:
  Function: {Type: AWS::Serverless::Function, Properties: {CodeUri: src}}
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: src}}
  Api: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: inner.yaml}}
  Far: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: "s3://a/b"}}
  Stack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "http://a/b"}}
"""


def test_what_is_local_and_not_uploaded_is_named(tmp_path: Path) -> None:
    """A nested template never is, though SAM leaves a folder of its name."""
    (tmp_path / "src").mkdir()
    (tmp_path / "inner.yaml").touch()
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)

    assert others(load(template), {"Function", "Inner"}) == ["Inner", "Layer"]
    assert others(load(template), {"Function", "Layer"}) == ["Inner"]
