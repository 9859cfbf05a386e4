"""What of a template is on this machine, and is not uploaded with the functions."""

from pathlib import Path

from sam_harness.template.document import load
from sam_harness.template.uploads import has_others, place

TEMPLATE = """\
Resources:
  Function: {Type: AWS::Serverless::Function, Properties: {CodeUri: src}}
  Inner: {Type: AWS::Serverless::Application, Properties: {Location: inner.yaml}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: src}}
  Api: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: inner.yaml}}
  Far: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: "s3://a/b"}}
  Stack: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "http://a/b"}}
"""


def test_what_is_local_and_not_uploaded_is_found(tmp_path: Path) -> None:
    """A nested template never is, though SAM leaves a folder of its name."""
    (tmp_path / "src").mkdir()
    (tmp_path / "inner.yaml").touch()
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    without_inner = template.with_name("without.yaml")
    without_inner.write_text(TEMPLATE.replace("inner.yaml}}", "no.yaml}}"))

    assert has_others(load(template), {"Function", "Inner", "Layer"})
    assert has_others(load(without_inner), {"Function"})
    assert not has_others(load(without_inner), {"Function", "Layer"})


def test_a_file_is_included_wherever_it_is_named_and_takes_nothing_away(
    tmp_path: Path,
) -> None:
    """Also in a list, and beside other keys."""
    (tmp_path / "part.yaml").write_text("a: 1")
    named = {"Name": "AWS::Include", "Parameters": {"Location": "part.yaml"}}
    template = {
        "Resources": {
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"Tags": [{"Fn::Transform": named}]},
            },
            "Fn::Transform": named,
        }
    }

    place(template, tmp_path, {})

    queue = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"a": 1}]}}
    assert template["Resources"] == {"Queue": queue, "a": 1}
