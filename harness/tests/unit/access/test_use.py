"""Grants against use, from what the gate has decided."""

from typing import Any

import pytest

from sam_harness.access import report
from sam_harness.access.matrix import Matrix
from sam_harness.access.report import Balance, Evidence, Layer, Use, balanced, uses
from sam_harness.access.stack import Stack

ROLE = "arn:aws:iam::111122223333:role/s-Worker-X2"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
INDEX = "arn:aws:dynamodb:eu-west-1:111122223333:table/s-T-X1/index/I"


def a_decision(action: str, resource: str, **changes: object) -> dict[str, Any]:
    """Return a decision as the gate writes it."""
    decided = {
        "role": ROLE,
        "call": "service:Operation",
        "action": action,
        "resource": resource,
        "decision": "allowed",
        "count": 1,
    }
    return decided | changes


def balance_of(matrix: Matrix, stack: Stack, *decisions: dict[str, Any]) -> Balance:
    """Return the balance of these decisions."""
    return balanced(matrix, uses(decisions, [stack]), ["Worker"])


def idle(found: Balance) -> list[str]:
    """Return the actions of grants that were not used."""
    return [cell.action for cell, count in found.used.items() if not count]


def test_a_grant_that_was_used_is_counted(a_matrix: Matrix, a_stack: Stack) -> None:
    """Over all sessions of the role."""
    decided = a_decision("sqs:SendMessage", QUEUE, count=3)

    found = balance_of(a_matrix, a_stack, decided, a_decision("dynamodb:Query", INDEX))

    assert list(found.used.values()) == [3, 1, 0]
    assert idle(found) == ["xray:PutTraceSegments"]


@pytest.mark.parametrize(
    "decided",
    [
        a_decision("sqs:SendMessage", f"{QUEUE}-dlq"),
        a_decision("sqs:SendMessage", QUEUE, role=f"{ROLE}-other"),
        a_decision("sqs:SendMessage", QUEUE, decision="implicitDeny"),
        a_decision("sqs:PurgeQueue", QUEUE),
        a_decision("dynamodb:Query", INDEX.partition("/index")[0]),
    ],
)
def test_what_is_something_else_is_no_use(
    a_matrix: Matrix, a_stack: Stack, decided: dict[str, Any]
) -> None:
    """Another resource, another role, a refusal, another action, the whole table."""
    found = balance_of(a_matrix, a_stack, decided)

    assert idle(found) == [
        "sqs:SendMessage",
        "dynamodb:Query",
        "xray:PutTraceSegments",
    ]


def test_what_was_refused_is_used_but_not_granted(
    a_matrix: Matrix, a_stack: Stack
) -> None:
    """Also where the gate did not even know what the call needs."""
    found = balance_of(
        a_matrix,
        a_stack,
        a_decision("sqs:PurgeQueue", QUEUE, decision="implicitDeny"),
        a_decision("", "", decision="error", count=2),
    )

    assert found.denied == {
        Use("Worker", "sqs:PurgeQueue", "Q", granted=False): 1,
        Use("Worker", "service:Operation", "", granted=False): 2,
    }


def test_an_explanation_that_is_no_longer_true_is_named(
    a_matrix: Matrix, a_stack: Stack
) -> None:
    """The matrix says unused, and it is used."""
    found = balance_of(a_matrix, a_stack, a_decision("xray:PutTraceSegments", "*"))

    assert list(found.notes()) == [
        "used, though the matrix says unused: Worker may xray:PutTraceSegments on *"
    ]


def test_an_idle_grant_fails_and_an_explained_one_does_not(
    a_matrix: Matrix, a_stack: Stack
) -> None:
    """And of a part of a run, nothing fails for being idle; what was used is told."""
    found = balance_of(a_matrix, a_stack, a_decision("sqs:SendMessage", QUEUE))

    whole = report.rows(a_matrix, [], found)
    part = report.rows(a_matrix, [], found, whole=False)

    assert [row.cell.action for row in whole if row.fails] == ["dynamodb:Query"]
    assert [row.use for row in part] == [
        "used once",
        "not measured",
        "not measured",
        *[""] * 3,
    ]


def test_one_contradiction_outweighs_any_agreement(a_matrix: Matrix) -> None:
    """Each layer may be tried several times, by several workers."""
    cell = a_matrix.cells[0]
    evidence = [
        Evidence.about(cell, Layer.ROLE, holds=holds) for holds in (True, False, True)
    ]

    row = report.rows(a_matrix, evidence, Balance())[0]

    assert row.holds[Layer.ROLE] is False
    assert row.fails
    assert "CONTRADICTED by LocalStack, role" in "\n".join(report.text([row]))
