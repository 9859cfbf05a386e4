"""Policy mutation: no permission is without a test that misses it, or refuses it.

Not collected by itself: `tox -e mutate-policy` names this file. Each granted action is
taken from the deployed role in turn, and a refund's journey must fail; each addition is
made in turn, and a denied call must get through.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from textwrap import shorten

import boto3
import pytest
from botocore.exceptions import ClientError

from integration.access.anew import publish_anew, remake_mapping
from integration.access.fates import PROPERTY, Fate
from integration.access.journey import Journey, recover
from integration.access.mutants import Mutant, additions, mutated, removals
from sam_harness.access import matrix, stack
from sam_harness.access.deployed import Deployed
from sam_harness.access.matrix import Cell, Effect, Matrix
from sam_harness.deploying.stack import DeployedStack
from sam_harness.emulator.emulator import Emulator
from service.checkout import ROOT, TEMPLATE
from service.deployed import ALIAS

pytestmark = pytest.mark.needs_gate(reason="denials are real")

OFFLINE = stack.load(TEMPLATE, {"GatewayUrl": "simulated"})
MATRIX = matrix.load(ROOT / "tests" / "access-matrix.yaml")
REMOVALS = list(removals(MATRIX, OFFLINE))
ADDITIONS = list(additions(MATRIX, OFFLINE))

type Record = Callable[[str, object], None]
type Applied = Callable[[Mutant], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def journey(
    access_stack: DeployedStack, session: boto3.Session, emulator: Emulator
) -> Journey:
    """Return the journey through the stack whose roles are changed."""
    return Journey.through(access_stack, session, emulator.endpoint_url)


@pytest.fixture
def applied(deployed_access: Deployed, session: boto3.Session) -> Applied:
    """Return what changes the deployed role's policy for the time of a block."""
    iam = session.client("iam")

    @contextmanager
    def apply(mutant: Mutant) -> Iterator[None]:
        role = deployed_access.stack.resources[mutant.role].name
        [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
        before = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        assert isinstance(before, dict)
        after = mutated(before, mutant)
        assert after != before, f"{mutant}: nothing to change"

        def put(document: object) -> None:
            text = json.dumps(document)
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)

        put(after)
        try:
            yield
        finally:
            put(before)

    return apply


@pytest.fixture
def start_anew(
    deployed_access: Deployed, session: boto3.Session
) -> Callable[[Cell], None]:
    """Return what repeats the one moment in which some actions are used.

    A log stream is made with an execution environment, and a queue's attributes are
    read when its mapping is made.
    """
    functions = session.client("lambda")

    def start(cell: Cell) -> None:
        if cell.action.startswith("logs:"):
            publish_anew(functions, deployed_access.functions[cell.role].name)
        elif cell.action == "sqs:GetQueueAttributes":
            consumer = f"{deployed_access.functions[cell.role].name}:{ALIAS}"
            remake_mapping(functions, consumer, deployed_access.call(cell).arn)

    return start


@pytest.mark.parametrize("removal", REMOVALS, ids=lambda pair: str(pair[0]))
def test_a_grant_that_is_taken_away_is_missed(
    journey: Journey,
    applied: Applied,
    start_anew: Callable[[Cell], None],
    removal: tuple[Mutant, Cell],
    record_property: Record,
) -> None:
    """Or the matrix says why nothing here can miss it."""
    mutant, cell = removal
    recover(journey)
    with applied(mutant):
        try:
            start_anew(cell)
            problem = journey.problem()
        except ClientError as error:
            problem = str(error)
    if problem:
        start_anew(cell)
    fate = Fate(str(mutant), shorten(problem or "", 120), cell.unused)
    record_property(PROPERTY, asdict(fate))
    assert problem or cell.unused, f"{mutant}: nothing misses it"
    assert not (problem and cell.unused), f"the matrix says unused, but {problem}"


@pytest.mark.parametrize("mutant", ADDITIONS, ids=map(str, ADDITIONS))
def test_a_grant_too_much_is_noticed(
    applied: Applied,
    deployed_access: Deployed,
    the_matrix: Matrix,
    mutant: Mutant,
    record_property: Record,
) -> None:
    """By a call that the matrix denies and that now gets through."""
    placed = deployed_here(mutant, deployed_access)
    with applied(placed):
        noticed = first_served(deployed_access, the_matrix, mutant.role)
    record_property(PROPERTY, asdict(Fate(str(mutant), noticed or "")))
    assert noticed, f"{mutant}: no denied call got through"


def deployed_here(mutant: Mutant, deployed: Deployed) -> Mutant:
    """Return the mutant with the ARN that its resource has where it is deployed."""
    matches = [
        one for one in additions(MATRIX, deployed.stack) if one.what == mutant.what
    ]
    [found] = [one for one in matches if one.role == mutant.role]
    return found


def first_served(deployed: Deployed, the_matrix: Matrix, role: str) -> str | None:
    """Return the first denied cell of a role that is not refused."""
    calls = [(cell, deployed.call(cell)) for cell in the_matrix.of(role, Effect.DENY)]
    # What destroys comes last: the first that gets through ends the search.
    arn = deployed.stack.resources[role].arn
    for cell, call in sorted(calls, key=lambda pair: pair[1].sample.destroys):
        if call.why_not_denied(deployed.make(arn, call)):
            return f"{cell.action} on {cell.resource} got through"
    return None
