"""Translating SAM without an account, a network or an environment."""

import logging
import os
from collections.abc import Iterator
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

import pytest

from sam_harness.errors import HarnessError
from sam_harness.template.document import load
from sam_harness.template.sam import translate

EXTENSIONS = "AWS::LanguageExtensions"
FUNCTION = """\
  Worker:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: src/}
"""


def a_template(directory: Path, resources: str = FUNCTION, head: str = "") -> Path:
    """Write a SAM template with these resources that no other test translates."""
    path = directory / "template.yaml"
    start = f"Transform: AWS::Serverless-2016-10-31\n{head}"
    path.write_text(f"{start}Resources:\n{resources}Description: {directory}\n")
    return path


def transform(
    path: Path,
    parameters: dict[str, str] | None = None,
    region: str = "us-east-1",
    code_uris: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return what a template file becomes."""
    source = load(path)
    made = translate(source, parameters or {}, region=region, code_uris=code_uris)
    return made.template


def code_of(template: dict[str, Any], logical_id: str = "Worker") -> object:
    """Return where a translated function's code is."""
    return template["Resources"][logical_id]["Properties"]["Code"]


def test_the_environment_is_neither_needed_nor_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No region, no credentials, nothing left behind in the process."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    before = dict(os.environ)

    translated = transform(a_template(tmp_path), region="cn-north-1")

    role = translated["Resources"]["WorkerRole"]["Properties"]
    assert role["ManagedPolicyArns"][0].startswith("arn:aws-cn:iam::aws:policy/")
    assert dict(os.environ) == before


def test_each_translation_has_its_own_region(tmp_path: Path) -> None:
    """The translator keeps the last one for the whole process."""
    transform(a_template(tmp_path), region="cn-north-1")

    role = transform(a_template(tmp_path))["Resources"]["WorkerRole"]["Properties"]
    assert role["ManagedPolicyArns"][0].startswith("arn:aws:iam::aws:policy/")


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """Return what the translator logs, of any level, as the program gets it."""
    handler = BufferingHandler(capacity=1000)
    root, logger = logging.getLogger(), logging.getLogger("samtranslator")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler.buffer
    root.removeHandler(handler)
    logger.setLevel(before)


def test_the_translator_keeps_its_log_to_itself(
    tmp_path: Path, logged: list[logging.LogRecord]
) -> None:
    """It warns about feature toggles that only AWS can set."""
    transform(a_template(tmp_path))

    assert [record for record in logged if "sam" in record.name] == []
    assert logging.getLogger("samtranslator").propagate


def test_regions_do_not_leak_into_the_next_translation(tmp_path: Path) -> None:
    """The translator keeps its region in a class attribute."""
    path = a_template(tmp_path)

    transform(path, region="us-gov-west-1")
    role = transform(path)["Resources"]["WorkerRole"]["Properties"]

    assert role["ManagedPolicyArns"][0].startswith("arn:aws:iam::aws:policy/")


def test_every_value_of_a_parameter_has_its_translation(tmp_path: Path) -> None:
    """Also after others; the default is the same whether it is given or not."""
    head = "Parameters: {Alias: {Type: String, Default: one}}\n"
    function = FUNCTION.replace("{Handler", "{AutoPublishAlias: !Ref Alias, Handler")
    path = a_template(tmp_path, function, head)

    names = [
        next(name for name in transform(path, given)["Resources"] if "Alias" in name)
        for given in ({}, {"Alias": "two"}, {"Alias": "one"})
    ]

    assert names == ["WorkerAliasone", "WorkerAliastwo", "WorkerAliasone"]


def test_what_one_caller_changes_another_does_not_see(tmp_path: Path) -> None:
    """They may have the same translation."""
    path = a_template(tmp_path)

    transform(path)["Resources"].clear()

    assert "WorkerRole" in transform(path)["Resources"]


def test_uploaded_code_is_where_the_caller_says(tmp_path: Path) -> None:
    """The caller's S3 URI takes the place of the local path."""
    uris = {"Worker": "s3://bucket/worker.zip"}

    translated = transform(a_template(tmp_path), code_uris=uris)

    assert code_of(translated) == {"S3Bucket": "bucket", "S3Key": "worker.zip"}


@pytest.mark.parametrize("uri", ["src/", "!Sub '${Place}/src'", "!Ref Place"])
def test_code_that_is_not_uploaded_gets_a_placeholder(tmp_path: Path, uri: str) -> None:
    """Local paths and intrinsics do not stop a check."""
    head = "Parameters: {Place: {Type: String}}\n"
    path = a_template(tmp_path, FUNCTION.replace("src/", uri), head)

    assert code_of(transform(path)) == {"S3Bucket": "artefacts", "S3Key": "placeholder"}


def test_code_in_globals_is_each_functions_own(tmp_path: Path) -> None:
    """A location for one function leaves the other's alone."""
    function = FUNCTION.replace(", CodeUri: src/", "")
    resources = function + function.replace("Worker", "Other")
    head = "Globals: {Function: {CodeUri: src/}}\n"

    translated = transform(
        a_template(tmp_path, resources, head), code_uris={"Worker": "s3://b/worker"}
    )

    assert code_of(translated) == {"S3Bucket": "b", "S3Key": "worker"}
    assert code_of(translated, "Other") != code_of(translated)


def test_uploaded_code_in_globals_stays_where_it_is(tmp_path: Path) -> None:
    """It needs no placeholder."""
    resources = FUNCTION.replace(", CodeUri: src/", "")
    head = "Globals: {Function: {CodeUri: 's3://b/shared'}}\n"

    translated = transform(a_template(tmp_path, resources, head))

    assert code_of(translated) == {"S3Bucket": "b", "S3Key": "shared"}


def test_a_location_for_nothing_is_refused(tmp_path: Path) -> None:
    """A misspelt logical id would leave the placeholder in what is deployed."""
    with pytest.raises(HarnessError, match="no such resource in the template: Wroker"):
        transform(a_template(tmp_path), code_uris={"Wroker": "s3://b/k"})


def test_a_local_openapi_file_becomes_the_definition(tmp_path: Path) -> None:
    """Its methods are checked as if they stood in the template."""
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1\npaths: {/a: {get: {}}}\n")
    api = (
        "  {}:\n    Type: AWS::Serverless::Api\n"
        "    Properties: {{StageName: live, OpenApiVersion: 3.0.1, {}}}\n"
    )
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}}"
    resources = api.format("Uri", "DefinitionUri: api.yaml") + api.format(
        "Included", f"DefinitionBody: {include}"
    )

    translated = transform(a_template(tmp_path, resources))["Resources"]

    for name in ("Uri", "Included"):
        assert list(translated[name]["Properties"]["Body"]["paths"]) == ["/a"]


def test_every_problem_is_one_line_at_its_resource(tmp_path: Path) -> None:
    """All of them at once, none with a traceback."""
    broken = FUNCTION.replace("Runtime: python3.13, ", "Tracing: 1, ")
    resources = broken + broken.replace("Worker", "Other")

    with pytest.raises(HarnessError) as raised:
        transform(a_template(tmp_path, resources))

    lines = str(raised.value).splitlines()
    path = tmp_path / "template.yaml"
    assert [line.split(": ")[0] for line in lines] == [f"{path}:3:3", f"{path}:6:3"]
    assert "[Worker]" in lines[0]
    assert "[Other]" in lines[1]


def test_a_schema_is_there_when_a_template_needs_it(tmp_path: Path) -> None:
    """It is imported by then only; what breaks it is told as any other problem."""
    wrong = FUNCTION.replace("a.b,", "a.b, CapacityProviderConfig: {Nothing: 1},")

    with pytest.raises(HarnessError, match=r"Worker.* Arn field required"):
        transform(a_template(tmp_path, wrong))


def test_a_plain_cloudformation_template_passes_unchanged(tmp_path: Path) -> None:
    """Without the transform there is nothing to translate."""
    path = tmp_path / "plain.yaml"
    path.write_text("Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n")

    assert transform(path) == {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("AWS::Serverless-2016-10-31", "none"),
        ("[AWS::Serverless-2016-10-31]", "none"),
        ("[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", [EXTENSIONS]),
    ],
)
def test_a_transform_other_than_sams_stays(
    tmp_path: Path, written: str, left: object
) -> None:
    """CloudFormation has to run it on what SAM's has made; SAM's is done."""
    path = a_template(tmp_path)
    path.write_text(path.read_text().replace("AWS::Serverless-2016-10-31", written))

    assert transform(path).get("Transform", "none") == left


def test_an_application_from_the_repository_needs_no_network(tmp_path: Path) -> None:
    """SAM would ask the Serverless Application Repository."""
    resources = """\
  App:
    Type: AWS::Serverless::Application
    Properties:
      Location:
        ApplicationId: arn:aws:serverlessrepo:us-east-1:123456789012:applications/a
        SemanticVersion: 1.0.0
"""
    translated = transform(a_template(tmp_path, resources))

    assert translated["Resources"]["App"]["Type"] == "AWS::CloudFormation::Stack"


def test_generated_resources_know_what_made_them(tmp_path: Path) -> None:
    """Findings on them are shown at that resource; no trace stays in the result."""
    translation = translate(load(a_template(tmp_path)), {})

    assert translation.origins == {"Worker": "Worker", "WorkerRole": "Worker"}
    assert "HarnessOrigin" not in str(translation.template)
