"""State machines of templates, of which LocalStack's provider drops something."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from harness.tests.integration.emulator.functions import make_role
from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError

_MACHINE = "AWS::StepFunctions::StateMachine"
_END = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
_FILE = """
StartAt: Wait
States:
  Wait:
    Type: Wait
    Timestamp: 2024-01-01T00:00:00Z
    Comment: ${With-Hyphen} ${Number} ${Names} ${Nothing}
    End: true
"""


def test_a_state_machine_has_its_numbers_and_its_log(
    unchecked: Deployer,
    stack_name: str,
    session: boto3.Session,
    tmp_path: Path,
) -> None:
    """LocalStack can put only texts into a definition, and hands on no log."""
    end = {"Type": "Succeed"}
    wait = '{"Type": "Wait", "Seconds": ${Seconds}, "Next": "End"}'
    states = f'{{"Wait": {wait}, "End": {json.dumps(end)}}}'
    machine = {
        "RoleArn": make_role(session, "states"),
        "DefinitionString": f'{{"StartAt": "Wait", "States": {states}}}',
        "DefinitionSubstitutions": {"Seconds": 3, "Unused": True},
        "LoggingConfiguration": {
            "Level": "ALL",
            "IncludeExecutionData": True,
            "Destinations": [
                {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": "Log.Arn"}}}
            ],
        },
    }
    resources = {
        "Log": {"Type": "AWS::Logs::LogGroup"},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
    }

    stack = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})

    told = session.client("stepfunctions").describe_state_machine(
        stateMachineArn=stack.resources["Machine"]
    )
    assert json.loads(told["definition"])["States"]["Wait"]["Seconds"] == 3
    assert told["loggingConfiguration"]["level"] == "ALL"


def test_a_definition_in_a_file_of_yaml_has_every_value_and_keeps_other_names(
    unchecked: Deployer, stack_name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """LocalStack takes it for JSON, and knows names of letters only."""
    s3 = session.client("s3")
    s3.create_bucket(Bucket=stack_name)
    s3.put_object(Bucket=stack_name, Key="machine.yaml", Body=_FILE)
    values = {"With-Hyphen": "a", "Number": 3, "Names": "${Number}", "Unused": True}
    machine = {
        "RoleArn": make_role(session, "states"),
        "DefinitionS3Location": {"Bucket": stack_name, "Key": "machine.yaml"},
        "DefinitionSubstitutions": values,
    }

    made = artefact(tmp_path, {"Machine": {"Type": _MACHINE, "Properties": machine}})
    stack = unchecked.deploy(made, stack_name, {})

    wait = _definition(session, stack.resources["Machine"])["States"]["Wait"]
    assert wait["Comment"] == "a 3 3 ${Nothing}"
    assert wait["Timestamp"].startswith("2024-01-01T00:00:00")


def test_a_state_machine_with_two_definitions_is_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """LocalStack would take one of them."""
    machine = {
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "DefinitionString": _END,
        "Definition": json.loads(_END),
    }

    made = artefact(tmp_path, {"Machine": {"Type": _MACHINE, "Properties": machine}})
    with pytest.raises(HarnessError, match="Use one of"):
        unchecked.deploy(made, stack_name, {})


def test_an_update_changes_the_role_of_a_state_machine_and_ends_its_log(
    unchecked: Deployer, stack_name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """LocalStack leaves both as they are."""
    first, second = make_role(session, "states"), make_role(session, "states")
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": "Log.Arn"}}}
    log = {"Level": "ALL", "Destinations": [group]}

    def told(**machine: object) -> dict[str, Any]:
        properties = {"DefinitionString": _END, **machine}
        resources = {
            "Log": {"Type": "AWS::Logs::LogGroup"},
            "Machine": {"Type": _MACHINE, "Properties": properties},
        }
        stack = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})
        return dict(
            session.client("stepfunctions").describe_state_machine(
                stateMachineArn=stack.resources["Machine"]
            )
        )

    assert told(RoleArn=first, LoggingConfiguration=log)["roleArn"] == first
    after = told(RoleArn=second)
    assert after["roleArn"] == second
    assert after["loggingConfiguration"]["level"] == "OFF"


def _definition(session: boto3.Session, machine: str) -> Any:  # noqa: ANN401 - JSON
    told = session.client("stepfunctions").describe_state_machine(
        stateMachineArn=machine
    )
    return json.loads(told["definition"])
