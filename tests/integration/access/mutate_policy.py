"""Policy mutation: no permission is without a test that misses it, or refuses it.

Not collected by itself: `tox -e mutate-policy` names this file. Each granted action is
taken from the deployed role in turn, and a refund's journey must fail; each addition is
made in turn, and a denied call must get through.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness import deploy
from harness.access import matrix, stack
from harness.access.deployed import Deployed
from harness.access.matrix import Cell, Effect, Matrix
from harness.access.mutation import Mutant, additions, mutated, removals
from harness.access.mutation_report import PROPERTY, Fate
from harness.emulator.reachable import Emulator
from harness.environments import ROOT
from harness.errors import HarnessError
from harness.polling import wait_until
from refund_stack.client import RefundClient
from refund_stack.function_log import FunctionLog
from refund_stack.queues import Queues
from refund_stack.running import TEMPLATE
from refund_stack.stack import ALIAS, from_outputs
from refund_stack.versions import point_to, published

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_lambda.type_defs import (
        EventSourceMappingConfigurationTypeDef,
    )

OFFLINE = stack.load(TEMPLATE, {})
MATRIX = matrix.load(ROOT / "tests" / "access-matrix.yaml")
REMOVALS = list(removals(MATRIX, OFFLINE))
ADDITIONS = list(additions(MATRIX, OFFLINE))
# Also the longest that a mutant may go unnoticed: enough for a cold start.
DECIDED_S, DRAINED_S, LOGGED_S, RECOVERED_S = 5, 4, 3, 40

type Record = Callable[[str, object], None]
type Applied = Callable[[Mutant], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Journey:
    """A refund's way through the whole stack, as somebody sees it who watches all."""

    client: RefundClient
    queues: Queues
    logs: tuple[FunctionLog, ...]

    def problem(self) -> str | None:
        """Return what went wrong; None: all went as it should."""
        try:
            self._take()
        except (AssertionError, HarnessError) as error:
            return str(error).splitlines()[0]
        return None

    def _take(self) -> None:
        order = f"ORDER-{uuid4().hex}"
        dead = self.queues.dlq_depth()
        accepted = self.client.post(order, "10")
        assert accepted.status_code == 202, f"POST answered {accepted.status_code}"
        refund_id = accepted.json()["refundId"]
        one = self.client.get(f"/refunds/{refund_id}")
        assert one.ok, f"GET of a refund answered {one.status_code}"
        listed = self.client.get("/refunds", orderId=order)
        assert listed.ok, f"GET of an order answered {listed.status_code}"
        self.client.wait_for_status(refund_id, "APPROVED", timeout_s=DECIDED_S)
        wait_until(
            self.queues.depth,
            lambda depth: depth == 0,
            what="the queue to be empty",
            timeout_s=DRAINED_S,
        )
        assert self.queues.dlq_depth() == dead, "a message is dead"
        for log in self.logs:
            wait_until(
                partial(log.invocations, refund_id),
                bool,
                what=f"the refund in {log.group.rpartition('-')[2]}'s log",
                timeout_s=LOGGED_S,
            )


@pytest.fixture(scope="session")
def journey(
    access_stack: deploy.Stack, session: boto3.Session, emulator: Emulator
) -> Journey:
    """Return the journey."""
    refunds = from_outputs(
        access_stack.name,
        access_stack.outputs,
        session.client("apigateway"),
        emulator.endpoint_url,
    )
    logs = tuple(
        FunctionLog(session.client("logs"), f"/aws/lambda/{function.name}")
        for function in refunds.functions.values()
    )
    sqs = session.client("sqs")
    return Journey(RefundClient(refunds), Queues(sqs, refunds), logs)


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


def recover(journey: Journey) -> None:
    """Wait until the service works without any mutant: the control of what follows."""
    journey.queues.empty()
    wait_until(
        journey.problem,
        lambda problem: problem is None,
        what="the service to work without a mutant",
        timeout_s=RECOVERED_S,
    )


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
            publish_anew(functions, deployed_access.function_of(cell.role).name)
        elif cell.action == "sqs:GetQueueAttributes":
            consumer = f"{deployed_access.function_of(cell.role).name}:{ALIAS}"
            remake_mapping(functions, consumer, deployed_access.call(cell).arn)

    return start


def publish_anew(functions: "LambdaClient", name: str) -> None:
    """Let the alias point to a version that nobody has started yet."""
    functions.update_function_configuration(
        FunctionName=name, Description=f"started anew {uuid4()}"
    )
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    point_to(functions, name, published(functions, name))


def remake_mapping(functions: "LambdaClient", name: str, queue_arn: str) -> None:
    """Connect the queue and the function once more.

    Raises:
        ClientError: it is refused; then they are not connected.

    """

    def listed() -> list["EventSourceMappingConfigurationTypeDef"]:
        found = functions.list_event_source_mappings(FunctionName=name)
        return found["EventSourceMappings"]

    for mapping in listed():
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    wait_until(listed, lambda left: not left, what="no mapping", timeout_s=20)
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=queue_arn,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )


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
    record_property(PROPERTY, fate.to_fields())
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
    record_property(PROPERTY, Fate(str(mutant), noticed or "").to_fields())
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
    for cell, call in sorted(calls, key=lambda pair: pair[1].destroys):
        if call.refused(deployed.make(deployed.role_arn(role), call)):
            return f"{cell.action} on {cell.resource} got through"
    return None
