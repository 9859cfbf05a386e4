"""State machines that AWS, or the emulator, does not make."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.stacks import Resources, Stack
from sam_harness.waiting import wait_until

PASS: dict[str, Any] = {"Type": "Pass", "End": True}


def machine(state: object = PASS, **more: object) -> Resources:
    """Return a machine of one state, and its role, which Step Functions may assume."""
    account = {"Ref": "AWS::AccountId"}
    source = {"Fn::Sub": "arn:aws:states:*:${AWS::AccountId}:stateMachine:*"}
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": source},
        },
        **more,
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    definition = {"StartAt": "A", "States": {"A": state}, "Comment": "No JSONata"}
    return {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": document},
        },
        "Machine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "DefinitionString": json.dumps(definition),
            },
        },
    }


@pytest.mark.needs_gate(reason="it is about permissions")
def test_a_machine_has_a_role_that_step_functions_may_assume(
    session: boto3.Session,
) -> None:
    """Else LocalStack makes it, and every execution fails."""
    lambdas = {"Service": "lambda.amazonaws.com"}
    good, bad = Stack(session), Stack(session)

    assert good.create(machine()) == ""
    assert bad.create(machine(Principal=lambdas))
    assert "states.amazonaws.com, nor the regional one" in bad.reasons[0]


@pytest.mark.needs_gate(reason="it is about permissions")
def test_what_is_no_role_is_told_as_that(session: boto3.Session) -> None:
    """The gate could not read it."""
    definition = json.dumps({"StartAt": "A", "States": {"A": PASS}})

    with pytest.raises(ClientError, match="Invalid Role Arn: 'arn:aws:iam::role/a'"):
        session.client("stepfunctions").create_state_machine(
            name="x", definition=definition, roleArn="arn:aws:iam::role/a"
        )


def test_a_machine_with_jsonata_is_refused(session: boto3.Session) -> None:
    """LocalStack would download Java at its first execution."""
    stack = Stack(session)
    state = {**PASS, "QueryLanguage": "JSONata", "Output": "{% $sum([1, 2]) %}"}

    assert stack.create(machine(state))

    assert "JSONata cannot be evaluated here" in stack.reasons[0]


@pytest.mark.needs_gate(reason="it is about permissions")
def test_a_machine_that_waits_for_another_may_be_told_of_its_end(
    session: boto3.Session,
) -> None:
    """By a rule of EventBridge, which its role has to be allowed to make."""
    waits = "arn:aws:states:::states:startExecution.sync:2"
    made = machine({"Type": "Task", "Resource": waits, "End": True})
    rule = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
    may = {
        "Effect": "Allow",
        "Action": ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
        "Resource": {"Fn::Sub": f"arn:aws:events:*:${{AWS::AccountId}}:{rule}"},
    }
    document = {"Version": "2012-10-17", "Statement": [may]}
    policy = {"PolicyName": "may", "PolicyDocument": document}
    good, bad = Stack(session), Stack(session)

    assert bad.create(made)
    made["Role"]["Properties"]["Policies"] = [policy]

    assert "is not authorized to create managed-rule" in bad.reasons[0]
    assert good.create(made) == ""


def trusting(service: str) -> dict[str, Any]:
    """Return a trust policy."""
    allowed = {"Effect": "Allow", "Principal": {"Service": service}}
    return {
        "Version": "2012-10-17",
        "Statement": [{**allowed, "Action": "sts:AssumeRole"}],
    }


@pytest.mark.needs_gate(reason="it is about permissions")
def test_an_update_is_checked_with_what_the_machine_keeps(
    session: boto3.Session,
) -> None:
    """Its type, its role: the request says the definition only."""
    states, iam = session.client("stepfunctions"), session.client("iam")
    waits = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "End": True,
    }
    plain, waiting = (
        json.dumps({"StartAt": "A", "States": {"A": state}}) for state in (PASS, waits)
    )
    name = f"machine-{uuid4().hex[:8]}"
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(trusting("states.amazonaws.com")),
    )["Role"]["Arn"]
    standard, express = (
        states.create_state_machine(
            name=f"{name}-{kind}", definition=plain, roleArn=role, type=kind
        )["stateMachineArn"]
        for kind in ("STANDARD", "EXPRESS")
    )

    with pytest.raises(ClientError, match="Express state machine does not support"):
        states.update_state_machine(stateMachineArn=express, definition=waiting)
    with pytest.raises(ClientError, match="not authorized to create managed-rule"):
        states.update_state_machine(stateMachineArn=standard, definition=waiting)
    states.update_state_machine(stateMachineArn=express, definition=plain)
    iam.update_assume_role_policy(
        RoleName=name,
        PolicyDocument=json.dumps(trusting("lambda.amazonaws.com")),
    )
    states.update_state_machine(stateMachineArn=express, definition=plain)
    with pytest.raises(ClientError, match="authorized to assume the provided role"):
        states.update_state_machine(stateMachineArn=express, roleArn=role)


@pytest.mark.parametrize("arn", ["bad", "arn:aws:states:::stateMachine:x"])
def test_an_update_of_what_is_no_machine_is_refused_for_its_arn(
    session: boto3.Session, arn: str
) -> None:
    """By LocalStack: there is nothing to check it with."""
    states = session.client("stepfunctions")

    with pytest.raises(ClientError, match=r"\(InvalidArn\)"):
        states.update_state_machine(stateMachineArn=arn, definition="{}")


@pytest.mark.needs_gate(reason="it is about permissions")
def test_an_error_of_states_that_localstack_does_not_know_is_taken(
    session: boto3.Session,
) -> None:
    """As those of HTTP tasks.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    retry = [{"ErrorEquals": ["States.Http.StatusCode.429", "States.Http.Socket"]}]
    sends = "arn:aws:states:::sqs:sendMessage"
    state = {"Type": "Task", "Resource": sends, "End": True, "Retry": retry}
    state["Parameters"] = {"QueueUrl": "q", "MessageBody": "b"}

    assert Stack(session).create(machine(state)) == ""


LOGS = {
    "PolicyName": "logs",
    "PolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:*LogDeliver*", "logs:*Resource*", "logs:Describe*"],
                "Resource": "*",
            }
        ],
    },
}


def test_a_machine_writes_the_log_that_its_template_asks_for(
    session: boto3.Session,
) -> None:
    """LocalStack's stream has a name that no client may give one."""
    stack, made = Stack(session), machine()
    group = {"LogGroupArn": {"Fn::GetAtt": ["Log", "Arn"]}}
    made["Machine"]["Properties"]["LoggingConfiguration"] = {
        "Level": "ALL",
        "Destinations": [{"CloudWatchLogsLogGroup": group}],
    }
    name = f"log-{uuid4().hex[:8]}"
    log = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}}
    made["Role"]["Properties"]["Policies"] = [LOGS]
    assert stack.create({**made, "Log": log}) == ""
    logs, arn = session.client("logs"), stack.ids["Machine"]

    session.client("stepfunctions").start_execution(stateMachineArn=arn)

    said = wait_until(
        lambda: logs.filter_log_events(logGroupName=name)["events"],
        lambda events: "ExecutionSucceeded" in str(events),
        what="the machine's log",
        timeout_s=10,
    )
    assert "ExecutionStarted" in said[0]["message"]


@pytest.mark.needs_gate(reason="it is about permissions")
def test_a_machine_has_a_role_that_may_have_its_log_delivered(
    session: boto3.Session,
) -> None:
    """Else it is refused when it is made, or changed so that it has a log.

    https://github.com/aws/aws-cdk/issues/26432
    """
    stack, made = Stack(session), machine()
    group = {"Fn::Sub": "arn:aws:logs:us-east-1:${AWS::AccountId}:log-group:none:*"}
    configuration = {
        "Level": "ALL",
        "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}],
    }
    assert stack.create(made) == ""
    states, arn = session.client("stepfunctions"), stack.ids["Machine"]
    destination: Any = {"cloudWatchLogsLogGroup": {"logGroupArn": f"{arn}:*"}}

    with pytest.raises(ClientError, match=r"access the Log Destination .*CreateLogDel"):
        states.update_state_machine(
            stateMachineArn=arn,
            loggingConfiguration={"level": "ALL", "destinations": [destination]},
        )
    other = Stack(session)
    made["Machine"]["Properties"]["LoggingConfiguration"] = configuration
    assert other.create(made)

    assert "not authorized to access the Log Destination" in other.reasons[0]
