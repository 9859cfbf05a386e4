"""What Step Functions refuses of the ways between states."""

import json
from typing import Any

import pytest

from sam_harness.localstack.corrections.stepfunctions_rules import check, problems

END: dict[str, Any] = {"Type": "Pass", "End": True}
ANY = ["States.ALL"]


def machine(start: str = "A", **states: dict[str, Any]) -> dict[str, Any]:
    """Return a machine of these states."""
    return {"StartAt": start, "States": states}


def to(name: str, **more: object) -> dict[str, Any]:
    """Return a state before another."""
    return {"Type": "Task", "Next": name, **more}


def test_a_machine_that_can_run_is_taken() -> None:
    """By every way that there is."""
    choices = [{"Variable": "$.x", "IsPresent": True, "Next": "B"}]
    inner = {"Type": "Map", "End": True, "ItemProcessor": machine(A=END)}
    caught = [{"ErrorEquals": ["E"], "Next": "B"}, {"ErrorEquals": ANY, "Next": "C"}]
    good = machine(
        A={"Type": "Choice", "Choices": choices, "Default": "D"},
        B=to("C", Catch=caught, Retry=[{"ErrorEquals": ANY}]),
        C={"Type": "Fail"},
        D={"Type": "Parallel", "Branches": [machine(A=inner)], "Next": "B"},
    )

    assert list(problems(good)) == []


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        ({"B": END}, "target: A"),
        ({"A": to("X")}, "target: X"),
        ({"A": {"Type": "Choice", "Choices": [{"Next": "X"}]}}, "target: X"),
        ({"A": {"Type": "Choice", "Default": "X"}}, "target: X"),
        ({"A": END | {"Catch": [{"ErrorEquals": ANY, "Next": "X"}]}}, "target: X"),
        ({"A": END, "QueryLanguage": "JSONata"}, "States at /States/QueryLanguage"),
        ({"A": END, "B": END}, 'State "B" is not reachable. at /States/B'),
        ({"A": END | {"Retry": []}}, "Field is not supported at /States/A/Retry"),
        ({"A": {"Type": "Wait"}}, "One of Next and End is required at /States/A"),
        ({"A": END | {"Retry": [{"ErrorEquals": [*ANY, "E"]}]}}, "alone"),
        ({"A": END | {"Retry": [{"ErrorEquals": e} for e in (ANY, ["E"])]}}, "the end"),
    ],
)
def test_a_machine_that_aws_refuses_is_refused(
    states: dict[str, Any], reason: str
) -> None:
    """Also where it is inside of a state."""
    refused = machine(**states)
    assert reason in "\n".join(problems(refused))
    for state in (
        {"Type": "Parallel", "End": True, "Branches": [machine(A=END), refused]},
        {"Type": "Map", "End": True, "Iterator": refused},
    ):
        found = "\n".join(problems(machine(A=state)))
        assert reason.replace("at /", "at /States/A/") in found


@pytest.mark.parametrize(
    "states",
    [
        ["A"],
        {"A": {"Type": "Choice", "Choices": [None]}},
        {"A": {"Type": "Parallel", "End": True, "Branches": ["x"]}},
    ],
)
def test_a_definition_of_other_types_is_refused(states: object) -> None:
    """Not answered with an internal error."""
    with pytest.raises(ValueError, match="SCHEMA_VALIDATION_FAILED: a value of anoth"):
        check({"definition": json.dumps({"StartAt": "A", "States": states})})


@pytest.mark.parametrize(
    "more",
    [
        {"Resource": "arn:aws:states:::states:startExecution.sync:2"},
        {"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"},
        {"Resource": "arn:aws:states:us-east-1:000000000000:activity:a"},
        {"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}},
    ],
)
def test_what_only_standard_machines_do_is_refused_of_express_ones(
    more: dict[str, Any],
) -> None:
    """They wait for nothing, and have no Distributed Map."""
    definition = json.dumps(machine(A={"Type": "Task", "End": True, **more}))
    with pytest.raises(ValueError, match="Express state machine does not support"):
        check({"definition": definition, "type": "EXPRESS"})


def test_an_express_machine_may_call_what_is_named_activity() -> None:
    """A function's alias, for one."""
    function = "arn:aws:lambda:us-east-1:000000000000:function:activity:live"
    task = {"Type": "Task", "End": True, "Resource": function}

    check({"definition": json.dumps(machine(A=task)), "type": "EXPRESS"})


def test_a_machine_that_calls_an_api_is_refused() -> None:
    """LocalStack's call of one reaches none, whoever may make it."""
    for resource in ("invoke", "invoke.waitForTaskToken"):
        calls = to("B", Resource=f"arn:aws:states:::apigateway:{resource}")
        definition = json.dumps(machine(A=calls, B=END))
        with pytest.raises(ValueError, match="apigateway:invoke finds no API here"):
            check({"definition": definition})
