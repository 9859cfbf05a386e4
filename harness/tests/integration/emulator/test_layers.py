"""Functions with layers, and what else a stack has beside the code of its functions."""

import json
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.emulator.functions import Function, Functions, published
from sam_harness.deploying.deploy import Deployer
from sam_harness.deploying.stack import with_nested
from sam_harness.emulator.emulator import Emulator
from sam_harness.packaging.build import Artefact

IMPORTS_LAYERS = """
import os, subprocess
import shared, more

def handler(event, context):
    said = subprocess.run(["told-by-a-layer"], capture_output=True, text=True)
    return [shared.VALUE, more.VALUE, said.stdout]
"""


def test_a_function_imports_from_its_layers_and_runs_their_programs(
    session: boto3.Session, functions: Functions
) -> None:
    """Of two layers with the same file the last one counts."""
    first = published(
        session, {"python/shared.py": "VALUE = 1", "python/more.py": "VALUE = 2"}
    )
    last = published(
        session,
        {"python/shared.py": "VALUE = 3", "bin/told-by-a-layer": "#!/bin/sh\necho it"},
    )
    function = functions.create(IMPORTS_LAYERS, Layers=[first, last])

    assert function.invoke().payload == [3, 2, "it\n"]


def test_a_layer_with_extensions_is_refused_by_name(
    session: boto3.Session, functions: Functions
) -> None:
    """The function does not become active, and says which layer, and why."""
    arn = published(session, {"extensions/agent": "#!/bin/sh"})

    function = functions.create("", state="Failed", Layers=[arn])

    told = session.client("lambda").get_function_configuration(
        FunctionName=function.name
    )
    assert f"layer {arn}: it holds extensions" in told["StateReason"]


def test_a_function_whose_sdk_would_call_aws_itself_is_refused(
    session: boto3.Session, functions: Functions
) -> None:
    """It knows no AWS_ENDPOINT_URL, and no call of a function may leave the machine."""
    old = {"python/botocore/__init__.py": "__version__ = '1.29.50'"}
    arn = published(session, old)

    function = functions.create("", state="Failed", Layers=[arn])

    told = session.client("lambda").get_function_configuration(
        FunctionName=function.name
    )
    assert "it brings botocore 1.29.50, which calls AWS" in told["StateReason"]


def test_a_function_url_answers_by_its_path(
    session: boto3.Session, functions: Functions, emulator: Emulator
) -> None:
    """Its own host has no address; path, query and method arrive as on that."""
    function = functions.create(
        "def handler(event, context): return [event['rawPath'], "
        "event['rawQueryString'], event['requestContext']['http']['method']]"
    )
    made = session.client("lambda").create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )

    url = emulator.url_of(made["FunctionUrl"])
    with urlopen(f"{url}a/b?c=d", data=b"{}", timeout=20) as answer:  # noqa: S310 - the emulator's own
        assert json.load(answer) == ["/a/b", "c=d", "POST"]


INNER = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json}
Outputs:
  Machine: {Value: !Ref Machine}
"""
OUTER = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Inner:
    Type: AWS::Serverless::Application
    Properties: {Location: inner.yaml}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import shared
        def handler(event, context): return shared.VALUE
      Layers: [!Ref Layer]
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer/}
Outputs:
  Machine: {Value: !GetAtt Inner.Outputs.Machine}
"""
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 7, "End": True}}}


@pytest.mark.emulator_mode("embedded", reason="a function's code is the same in both")
def test_all_that_a_template_names_is_uploaded(
    session: boto3.Session, account_id: str, tmp_path: Path
) -> None:
    """A layer, and a nested template with a state machine's definition."""
    for name, text in {
        "template.yaml": OUTER,
        "inner.yaml": INNER,
        "machine.json": json.dumps(MACHINE),
        "layer/python/shared.py": "VALUE = 'local'",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    deployer = Deployer(session, account_id)

    stack = deployer.deploy(
        Artefact("key", tmp_path / "template.yaml"), f"all-{uuid4().hex[:8]}", {}
    )

    called = Function(stack.functions["Function"], session).invoke()
    assert called.payload == "local"
    nested = dict(with_nested(session.client("cloudformation"), stack))
    machine = nested["Inner/"].resources["Machine"]
    assert stack.outputs["Machine"] == machine
    told = session.client("stepfunctions").describe_state_machine(
        stateMachineArn=machine
    )
    assert json.loads(told["definition"]) == MACHINE
