"""Every line of the access matrix, as real calls of the deployed stack's roles.

A denial alone proves little: beside each, the same call of somebody who may is served,
and beside each allowance, the same call of somebody who may not is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict

import pytest

from sam_harness.access import matrix
from sam_harness.access.deployed import Call, Deployed
from sam_harness.access.matrix import Cell, Effect
from sam_harness.access.probe import Answer
from sam_harness.access.report import PROPERTY, Evidence, Layer
from service.checkout import ROOT

pytestmark = pytest.mark.needs_gate(reason="denials are real")

CELLS = matrix.load(ROOT / "tests" / "access-matrix.yaml").cells
# The others are a service's: no code of ours gets their credentials.
FUNCTIONS = {"ReceiverRole", "ProcessorRole", "ReaderRole", "SweeperRole"}
FROM_INSIDE = [cell for cell in CELLS if cell.role in FUNCTIONS]
DENIED = [cell for cell in CELLS if cell.effect is Effect.DENY]
ALLOWED = [cell for cell in CELLS if cell.effect is Effect.ALLOW]

type Record = Callable[[str, object], None]


def named(cell: Cell) -> str:
    """Name a test after its cell."""
    return f"{cell.role} {cell.action} {cell.resource}"


def difference(cell: Cell, call: Call, answer: Answer) -> str | None:
    """Say how an answer differs from what the matrix says of the cell."""
    problem = call.difference(cell.effect, answer)
    return f"{cell.sentence}, but {problem}: {answer}" if problem else None


@pytest.mark.parametrize("cell", CELLS, ids=named)
def test_a_role_may_do_what_the_matrix_says(
    deployed_access: Deployed, cell: Cell, record_property: Record
) -> None:
    """With the credentials of the deployed role; code, status, action and ARN."""
    call = deployed_access.call(cell)

    role = deployed_access.stack.resources[cell.role]
    answer = deployed_access.make(role.arn, call)

    problem = difference(cell, call, answer)
    evidence = Evidence.about(cell, Layer.ROLE, holds=problem is None)
    record_property(PROPERTY, asdict(evidence))
    assert problem is None, problem


@pytest.mark.parametrize("cell", FROM_INSIDE, ids=named)
def test_a_function_may_do_what_the_matrix_says_of_its_role(
    deployed_access: Deployed,
    answers_from_inside: Mapping[Cell, Answer],
    cell: Cell,
    record_property: Record,
) -> None:
    """From inside: these are the credentials that reach the code."""
    answer = answers_from_inside[cell]

    problem = difference(cell, deployed_access.call(cell), answer)
    evidence = Evidence.about(cell, Layer.FUNCTION, holds=problem is None)
    record_property(PROPERTY, asdict(evidence))
    assert problem is None, problem


@pytest.mark.parametrize("cell", DENIED, ids=named)
def test_a_denied_call_is_served_to_somebody_who_may(
    deployed_access: Deployed,
    everybody: str,
    harmless: Callable[[Call], Call],
    cell: Cell,
) -> None:
    """So it was refused for what the role lacks, and for nothing else."""
    call = harmless(deployed_access.call(cell))

    answer = deployed_access.make(everybody, call)

    assert call.why_not_served(answer) is None, answer


@pytest.mark.parametrize("cell", ALLOWED, ids=named)
def test_an_allowed_call_is_refused_to_somebody_who_may_not(
    deployed_access: Deployed, nobody: str, cell: Cell
) -> None:
    """So it was served for what the role has."""
    call = deployed_access.call(cell)

    answer = deployed_access.make(nobody, call)

    assert call.why_not_denied(answer) is None, answer
