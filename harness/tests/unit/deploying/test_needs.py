"""What a template needs and cannot have is named before anything is built."""

from pathlib import Path

import pytest

from sam_harness.deploying.needs import Offer, runtimes_of
from sam_harness.emulator.environment import ON_DEMAND, SERVICES
from sam_harness.errors import HarnessError
from sam_harness.template.document import load
from sam_harness.template.names import ANYWHERE

HEAD = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src/}
"""
PUBLIC = "arn:aws:lambda:us-east-1:017000801446:layer:Powertools:7"
HERE = {*SERVICES, *ON_DEMAND}


def needed(
    folder: Path, body: str, offer: Offer | None = None, **parameters: str
) -> set[str]:
    """Return the runtimes of a template in ``folder``."""
    template = folder / "template.yaml"
    template.write_text(HEAD + body)
    return runtimes_of(load(template), parameters, ANYWHERE, offer or Offer(HERE))


def function(properties: str) -> str:
    """Return a template with one function."""
    return f"""
Resources:
  Fn: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}
"""


def resource(kind: str, properties: str) -> str:
    """Return a template with one resource."""
    return f"Resources: {{It: {{Type: {kind}, Properties: {{{properties}}}}}}}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (function("Runtime: nodejs22.x"), "Fn: runtime nodejs22.x cannot be run here"),
        (
            function("Runtime: python3.7"),
            "python3.7 cannot be run here, only python3.9",
        ),
        (function("Runtime: python3.7"), "--runtime-instead python3.13 runs it"),
        (
            resource("AWS::Lambda::Function", "PackageType: Image, Code: {}"),
            "It: its code is a container image",
        ),
        (function("CodeUri: s3://a/b"), "Fn: its CodeUri is not on this machine"),
        (function("CodeUri: {Bucket: a, Key: b}"), "its CodeUri is not on this"),
        (function(f"Layers: ['{PUBLIC}']"), "put an AWS::Serverless::LayerVersion"),
        (function(f"Layers: ['{PUBLIC}']"), "leave it out if it has extensions only"),
        (
            function("Environment: {Variables: {A: '{{resolve:ssm:/a/b:1}}'}}"),
            "Fn: SSM's parameter /a/b is not here: say --ssm /a/b=VALUE",
        ),
        (
            "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}}"
            + function("Environment: {Variables: {A: !Ref P}}"),
            "P: SSM's parameter /x is not here",
        ),
        (
            "Parameters: {P: {Type: String}, Q: {Type: Number}}" + function(""),
            "say --parameter P=VALUE --parameter Q=VALUE",
        ),
        (
            resource("AWS::Kinesis::Stream", "ShardCount: 1"),
            "Kinesis::Stream is not emulated",
        ),
        (
            resource(
                "AWS::Serverless::Application",
                "Location: {ApplicationId: a, SemanticVersion: 1.0.0}",
            ),
            "It: its Location is not on this machine",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_with_what_to_do(
    body: str, said: str, tmp_path: Path
) -> None:
    """The message begins with the file, its line and the name."""
    with pytest.raises(HarnessError) as refused:
        needed(tmp_path, body)

    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path}/template.yaml:")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "Conditions: {A: !Equals [1]}\n"
            + resource("AWS::SQS::Queue", "").replace("Type", "Condition: A, Type"),
            "4: A: cannot be evaluated",
        ),
        (
            resource("AWS::SQS::Queue", "QueueName: !Ref V"),
            "4: It: no such resource .*V",
        ),
        (
            resource("AWS::SQS::Queue", "QueueName: !ImportValue out"),
            "4: It: another stack exports out, .* put a parameter",
        ),
        (
            resource("AWS::SQS::Queue", "QueueName: !FindInMap [M, a, b]"),
            "4: It: no entry M/a/b",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_named_with_its_line(
    body: str, said: str, tmp_path: Path
) -> None:
    """Of a resource, or of the condition that it has."""
    with pytest.raises(HarnessError, match=rf"template\.yaml:{said}"):
        needed(tmp_path, body)


@pytest.mark.parametrize(
    "kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource"]
)
def test_what_a_function_would_make_needs_leave(kind: str, tmp_path: Path) -> None:
    """No custom resource is called here.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
    """
    body = resource(kind, "ServiceToken: arn:aws:lambda:us-east-1:1:function:f")

    with pytest.raises(HarnessError, match="custom resources are not called"):
        needed(tmp_path, body)
    for leave in (kind, "It"):
        assert not needed(tmp_path, body, Offer(HERE, allowed=[leave]))


def test_the_line_is_the_resources_own(tmp_path: Path) -> None:
    """Not that of what SAM makes of it."""
    with pytest.raises(HarnessError, match=r"template\.yaml:6: Fn: runtime ruby3\.3"):
        needed(tmp_path, function("Runtime: ruby3.3"))


def test_what_is_given_is_not_asked_for_again(tmp_path: Path) -> None:
    """A value, and another runtime for those of Python."""
    body = "Parameters: {P: {Type: 'AWS::SSM::Parameter::Value<String>'}}" + function(
        "Runtime: python3.7, "
        "Environment: {Variables: {A: !Ref P, B: '{{resolve:ssm:/b}}'}}"
    )
    offer = Offer(HERE, {"/a", "/b"}, "python3.12")

    assert needed(tmp_path, body, offer, P="/a") == {"python3.12"}


def test_a_runtime_instead_is_for_python_only(tmp_path: Path) -> None:
    """No other language runs on it."""
    with pytest.raises(HarnessError, match=r"nodejs22\.x cannot be run here"):
        needed(
            tmp_path, function("Runtime: nodejs22.x"), Offer(HERE, instead="python3.13")
        )


def test_the_stacks_own_layers_and_every_service_that_is_offered_are_fine(
    tmp_path: Path,
) -> None:
    """Services need no list of the template's: each is loaded by its first call."""
    (tmp_path / "layer").mkdir()
    body = """
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {Layers: [!Ref Layer]}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer/}}
  Value: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: a}}
  Named: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: a.b}}
  Due:
    Type: AWS::Serverless::Function
    Properties:
      Events: {Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}
"""
    assert needed(tmp_path, body) == {"python3.13"}


def test_what_is_known_to_be_without_effect_or_allowed_is_fine(tmp_path: Path) -> None:
    """The one by its type, the other by its type or its logical id."""
    known = resource("AWS::CodeDeploy::Application", "ComputePlatform: Lambda")
    body = resource("AWS::EFS::FileSystem", "Encrypted: true")

    needed(tmp_path, known)
    needed(tmp_path, body, Offer(HERE, allowed=["It"]))
    needed(tmp_path, body, Offer(HERE, allowed=["AWS::EFS::FileSystem"]))
    with pytest.raises(HarnessError, match="EFS::FileSystem: the emulator has no"):
        needed(tmp_path, body, Offer(HERE, allowed=["Other"]))


def test_nested_templates_are_looked_into(tmp_path: Path) -> None:
    """Their runtimes count, and what they lack is named with their file."""
    inner = tmp_path / "inner.yaml"
    inner.write_text(
        HEAD + "Parameters: {P: {Type: String}}" + function("Runtime: python3.11")
    )
    nests = resource("AWS::Serverless::Application", "Location: inner.yaml")

    assert needed(tmp_path, nests) == {"python3.11"}
    inner.write_text(HEAD + function("Runtime: java21"))
    with pytest.raises(HarnessError, match=r"inner\.yaml:6: Fn: runtime java21"):
        needed(tmp_path, nests)


@pytest.mark.parametrize(
    ("parameter", "used"),
    [
        ("{Type: Number}", "!Ref P"),
        ("{Type: CommaDelimitedList}", "!Select [2, !Ref P]"),
        ("{Type: String, AllowedValues: [a]}", "!FindInMap [M, !Ref P, b]"),
        ("{Type: String, Default: true}", "!FindInMap [M, !Ref P, b]"),
    ],
)
def test_a_nested_template_may_be_given_what_is_not_known_yet(
    tmp_path: Path, parameter: str, used: str
) -> None:
    """Whatever type it is of."""
    maps = 'Mappings: {M: {a: {b: "1"}, "true": {b: "1"}}}\n'
    (tmp_path / "inner.yaml").write_text(
        f"{HEAD}{maps}Parameters: {{P: {parameter}}}"
        + function(f"Runtime: python3.11, Description: {used}")
    )
    nests = resource("AWS::Serverless::Application", "Location: inner.yaml")

    assert needed(tmp_path, nests) == {"python3.11"}
