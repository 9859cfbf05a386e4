"""Templates whose functions run on another runtime than they name."""

from pathlib import Path

import pytest

from sam_harness.errors import HarnessError, UsageError
from sam_harness.live.instead import running_on, said_of
from sam_harness.packaging import sources
from sam_harness.template.document import load

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters: {Version: {Type: String, Default: python3.11}}
Globals: {Function: {Runtime: python3.9}, Api: {DefinitionUri: api.yaml}}
Resources:
  Own:
    Type: AWS::Serverless::Function
    Properties: {Runtime: !Ref Version, CodeUri: src/}
  Shared: {Type: AWS::Serverless::Function}
  Node: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src/, CompatibleRuntimes: [python3.9]}
    Metadata: {BuildMethod: python3.9}
  Far: {Type: AWS::Serverless::Application, Properties: {Location: "https://a/b"}}
  Gone: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: gone}}
  Here: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: src/}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      DefinitionBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./api.yaml}}
"""


def test_every_python_function_gets_it_and_no_other(tmp_path: Path) -> None:
    """Also where Globals or a parameter says the runtime; layers are built for it."""
    (tmp_path / "src").mkdir()
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)

    changed = load(running_on(load(template), "python3.13", tmp_path / "home"))

    resources = changed["Resources"]
    assert resources["Own"]["Properties"]["Runtime"] == "python3.13"
    assert changed["Globals"]["Function"] == {"Runtime": "python3.13"}
    assert resources["Node"]["Properties"]["Runtime"] == "nodejs22.x"
    assert resources["Layer"]["Metadata"]["BuildMethod"] == "python3.13"


def test_its_files_are_where_they_were(tmp_path: Path) -> None:
    """SAM is shown the changed template from another folder."""
    (tmp_path / "src").mkdir()
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)

    changed = load(running_on(load(template), "python3.13", tmp_path / "home"))

    assert changed["Globals"]["Api"]["DefinitionUri"] == str(tmp_path / "api.yaml")
    included = changed["Resources"]["Rest"]["Properties"]["DefinitionBody"]
    assert included == {"openapi": "3.0.1"}
    assert {code.directory for code in sources.of_template(changed)} == {
        tmp_path / "src",
        tmp_path,
    }
    assert changed["Resources"]["Layer"]["Properties"]["ContentUri"] == str(
        tmp_path / "src"
    )
    assert changed["Resources"]["Gone"]["Properties"]["DefinitionUri"] == str(
        tmp_path / "gone"
    )
    assert changed["Resources"]["Far"]["Properties"]["Location"] == "https://a/b"
    assert changed["Resources"]["Queue"]["Properties"]["QueueName"] == "src/"


@pytest.mark.parametrize(
    "place",
    [
        "AWS::Serverless::Application, Properties: {Location",
        "AWS::CloudFormation::Stack, Properties: {TemplateURL",
    ],
)
def test_functions_of_a_nested_template_get_it_too(tmp_path: Path, place: str) -> None:
    """From their own folder."""
    inner = tmp_path / "inner" / "template.yaml"
    (inner.parent / "src").mkdir(parents=True)
    inner.write_text(TEMPLATE)
    outer = tmp_path / "template.yaml"
    outer.write_text(f"Resources: {{Inner: {{Type: {place}: inner/template.yaml}}}}}}")

    changed = load(running_on(load(outer), "python3.13", tmp_path / "home"))

    [(_, path)] = changed["Resources"]["Inner"]["Properties"].items()
    own = load(Path(path))["Resources"]["Own"]["Properties"]
    assert own["Runtime"] == "python3.13"
    assert own["CodeUri"] == str(inner.parent / "src")


def test_code_that_is_missing_is_named_by_its_line_in_the_template(
    tmp_path: Path,
) -> None:
    """Not by that of the file that SAM is shown."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)

    with pytest.raises(UsageError, match=r"template\.yaml:5: Own: no such directory"):
        running_on(load(template), "python3.13", tmp_path / "home")


def test_what_is_said_of_the_changed_template_is_said_of_its_own_lines(
    tmp_path: Path,
) -> None:
    """The file that SAM is shown is none that its author knows."""
    (tmp_path / "src").mkdir()
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    document = load(template)
    changed = load(running_on(document, "python3.13", tmp_path / "home"))
    for name in ("Own", "Here"):
        (tmp_path / "built" / name).mkdir(parents=True)

    with pytest.raises(HarnessError) as refused:
        sources.check_handlers(changed, tmp_path / "built")

    assert said_of(document, str(refused.value)) == (
        f"{template}:5: Own: it has no Handler\n"
        f"{template}:16: Here: Handler a.b: its code has no module 'a'"
    )
