"""The matrix on a real stage: AWS's own policy simulator, and a few harmless calls.

The simulator changes nothing. The calls are made by a probe function under the deployed
role: only what reads, and leaves what it reads as it is.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sam_harness.access.deployed import Deployed, a_probe
from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.access.report import Evidence, Layer
from sam_harness.access.stack import Stack
from sam_harness.access.targets import ANOTHER, ANYTHING, find
from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_iam.type_defs import ContextEntryTypeDef
    from types_boto3_lambda import LambdaClient

_SECURE: "ContextEntryTypeDef" = {
    "ContextKeyName": "aws:SecureTransport",
    "ContextKeyValues": ["true"],
    "ContextKeyType": "boolean",
}
# ReceiveMessage reads too, but counts as a receive.
_READS = ("batch_get_", "describe_", "get_", "query", "scan")


def simulate(iam: "IAMClient", stack: Stack, matrix: Matrix) -> list[Evidence]:
    """Ask the simulator about every cell of the roles that the stack has.

    With one request per role and resource: it refuses to mix types of resources.
    """
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in matrix.cells:
        if cell.role in stack.resources:
            groups.setdefault((cell.role, cell.resource), []).append(cell)
    evidence = []
    for cells in groups.values():
        decisions = _simulated(iam, stack, cells)
        for cell in cells:
            allowed = decisions[cell.action] == "allowed"
            holds = allowed is (cell.effect is Effect.ALLOW)
            evidence.append(Evidence.about(cell, Layer.STAGE, holds=holds))
    return evidence


def _simulated(iam: "IAMClient", stack: Stack, cells: list[Cell]) -> dict[str, str]:
    """Return the simulator's decision about each action of a role on a resource."""
    role, resource = cells[0].role, cells[0].resource
    on: dict[str, Any] = {}
    if resource != ANYTHING:
        on = {"ResourceArns": [find(stack, resource).arn]}
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=stack.resources[role].arn,
        ActionNames=[cell.action for cell in cells],
        ContextEntries=[_SECURE],
        **on,
    )
    results = [one for page in pages for one in page["EvaluationResults"]]
    return {one["EvalActionName"]: one["EvalDecision"] for one in results}


def harmless(deployed: Deployed, matrix: Matrix) -> list[Cell]:
    """Return the cells whose calls read what the stack has, and change nothing.

    Of the functions' roles: only its service can assume another.
    """
    return [
        cell
        for cell in matrix.cells
        if cell.role in deployed.stack.resources
        and cell.role in deployed.functions
        and not cell.resource.startswith(ANOTHER)
        and deployed.call(cell).operation.startswith(_READS)
    ]


def call(
    functions: "LambdaClient", deployed: Deployed, matrix: Matrix
) -> Iterator[tuple[Evidence, str]]:
    """Make the harmless calls; yield the evidence, and what went wrong or nothing."""
    cells = harmless(deployed, matrix)
    for role in dict.fromkeys(cell.role for cell in cells):
        of_role = [cell for cell in cells if cell.role == role]
        calls = [deployed.call(cell) for cell in of_role]
        logging = deployed.functions[role].properties["LoggingConfig"]
        arn = deployed.stack.resources[role].arn
        with a_probe(functions, arn, logging["LogGroup"]) as probe:
            answers = probe(calls)
        for cell, made, answer in zip(of_role, calls, answers, strict=True):
            problem = made.difference(cell.effect, answer)
            evidence = Evidence.about(cell, Layer.STAGE, holds=problem is None)
            yield evidence, f"{cell.sentence}: {problem}: {answer}" if problem else ""


def write(evidence: Iterable[Evidence], path: Path) -> None:
    """Leave the evidence where the report finds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = [asdict(one) for one in evidence]
    path.write_text(json.dumps(fields, indent=1), encoding="utf-8")


def read(path: Path) -> list[Evidence]:
    """Return what the last run against a real stage has left, if there was one."""
    try:
        listed: list[Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise HarnessError(f"{path}: {error}") from error
    return [Evidence(**fields) for fields in listed]
