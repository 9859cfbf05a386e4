"""What AWS's policy simulator is asked, and what is made of its answers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from sam_harness.access import stage
from sam_harness.access.matrix import Matrix
from sam_harness.access.report import Evidence
from sam_harness.access.stack import Stack

ROLE = "arn:aws:iam::111122223333:role/s-Worker-X2"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
INDEX = "arn:aws:dynamodb:eu-west-1:111122223333:table/s-T-X1/index/I"
ALLOWED = {"sqs:SendMessage": "allowed", "dynamodb:Query": "allowed"}

# To make one takes longer than all that is done with it.
client = cache(boto3.client)


def simulated(
    a_stack: Stack, a_matrix: Matrix, decisions: dict[str, str]
) -> list[Evidence]:
    """Return the evidence that the simulator's answers give, after checking the asks.

    Decisions are by action; what is not listed is denied, and on the decoy everything.
    """
    iam = client("iam")
    asked: list[dict[str, Any]] = [
        {
            "PolicySourceArn": ROLE,
            "ActionNames": ["sqs:SendMessage", "sqs:PurgeQueue", "sqs:ReceiveMessage"],
            "ResourceArns": [QUEUE],
        },
        {
            "PolicySourceArn": ROLE,
            "ActionNames": ["dynamodb:Query"],
            "ResourceArns": [INDEX],
        },
        {"PolicySourceArn": ROLE, "ActionNames": ["xray:PutTraceSegments"]},
        {
            "PolicySourceArn": ROLE,
            "ActionNames": ["sqs:SendMessage"],
            "ResourceArns": ["arn:aws:sqs:eu-west-1:111122223333:another"],
        },
    ]
    with Stubber(iam) as stub:
        for number, request in enumerate(asked):
            results = [
                {
                    "EvalActionName": action,
                    "EvalDecision": "implicitDeny"
                    if number == len(asked) - 1
                    else decisions.get(action, "implicitDeny"),
                }
                for action in request["ActionNames"]
            ]
            stub.add_response(
                "simulate_principal_policy",
                {"EvaluationResults": results},
                {**request, "ContextEntries": ANY},
            )
        found = stage.simulate(iam, a_stack, a_matrix)
        stub.assert_no_pending_responses()
    return found


def test_the_simulator_is_asked_about_every_cell(
    a_stack: Stack, a_matrix: Matrix
) -> None:
    """By the names that the deployed stack has, one request per resource."""
    decisions = ALLOWED | {"xray:PutTraceSegments": "allowed"}

    evidence = simulated(a_stack, a_matrix, decisions)

    assert len(evidence) == len(a_matrix.cells)
    assert all(one.holds for one in evidence)


@pytest.mark.parametrize(
    ("decision", "action"),
    [("implicitDeny", "xray:PutTraceSegments"), ("allowed", "sqs:PurgeQueue")],
)
def test_an_answer_that_differs_is_no_agreement(
    a_stack: Stack, a_matrix: Matrix, decision: str, action: str
) -> None:
    """Too little and too much."""
    decisions = ALLOWED | {"xray:PutTraceSegments": "allowed"} | {action: decision}

    evidence = simulated(a_stack, a_matrix, decisions)

    assert [one.action for one in evidence if not one.holds] == [action]


def test_the_report_reads_what_the_stage_left(
    a_stack: Stack, a_matrix: Matrix, tmp_path: Path
) -> None:
    """Through a file: the two are different runs."""
    evidence = simulated(a_stack, a_matrix, ALLOWED)
    path = tmp_path / "reports" / "stage.json"

    stage.write(evidence, path)

    assert stage.read(path) == evidence
    assert json.loads(path.read_text())[0]["layer"] == "stage"
    assert stage.read(tmp_path / "none.json") == []
