"""A deployed stack as the matrix sees it: real calls as its roles, and the answers.

A call is made with a role's credentials from here, or by a probe: a function that runs
as the role.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
from botocore import xform_name

from sam_harness.access import probe
from sam_harness.access.matrix import Cell, Effect
from sam_harness.access.probe import Answer
from sam_harness.access.stack import Placed, Stack
from sam_harness.access.targets import find
from sam_harness.errors import HarnessError
from sam_harness.iam.service import SampleCall, Service, Subject
from sam_harness.iam.services import of_action
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

type Client = Callable[..., Any]
type Sessions = Callable[..., boto3.Session]

TIMEOUT_S = 120
ACTIVE_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Call:
    """``client(service).operation(**parameters)``, for an action on an ARN."""

    action: str
    arn: str
    service: Service
    sample: SampleCall
    operation: str
    parameters: dict[str, Any]

    def to_probe(self) -> dict[str, object]:
        """Return it as the probe takes it."""
        return {
            "service": self.service.name,
            "operation": self.operation,
            "parameters": self.parameters,
        }

    def difference(self, effect: Effect, answer: Answer) -> str | None:
        """Say why the answer is not what the matrix says; None: it is."""
        if effect is Effect.DENY:
            return self.why_not_denied(answer)
        return self.why_not_served(answer)

    def why_not_denied(self, answer: Answer) -> str | None:
        """Say why the answer is not AWS's denial of exactly this; None: it is."""
        errors, message = self.service.errors, answer["message"]
        if (answer["code"], answer["status"]) != (errors.denied, errors.http_status):
            return f"expected {errors.denied} ({errors.http_status})"
        if errors.action(self.action) not in message:
            return f"the message does not name {self.action}"
        named = message.replace('"', " ").split()
        # A call on all of a kind, such as all alarms, is denied by that kind's ARN.
        if not any(
            one == self.arn or (self.arn == "*" and one.endswith(":*")) for one in named
        ):
            return f"the message does not name {self.arn}"
        return None

    def why_not_served(self, answer: Answer) -> str | None:
        """Say why the answer is not the service's own; None: it is."""
        reached = self.sample.reached
        if answer["code"] in {"", *reached}:
            return None
        if answer["code"] == self.service.errors.denied:
            return "it was denied"
        return f"neither served nor denied, expected success or {reached}"


class Deployed:
    """Makes the calls of cells; ``sessions``: of a key and its token."""

    def __init__(self, stack: Stack, sessions: Sessions, account_id: str) -> None:
        self.stack = stack
        self._sessions = sessions
        self._account_id = account_id
        self._keys = {
            arn: names
            for one in stack.resources.values()
            for arn, names in one.keys.items()
        }
        self._clients: dict[str, Client] = {}
        # By the role that they run as.
        self.functions: dict[str, Placed] = {}
        for function in stack.of_kind("AWS::Lambda::Function"):
            role = function.properties["Role"].rpartition("/")[2]
            name = role.removeprefix(f"{stack.place.stack_name}-")
            self.functions.setdefault(name, function)

    def call(self, cell: Cell) -> Call:
        """Return the real call of a cell."""
        return self.call_on(cell.action, find(self.stack, cell.resource).arn)

    def call_on(self, action: str, arn: str) -> Call:
        """Return the real call of an action on anything.

        Raises:
            HarnessError: nothing is known about calling the action.
        """
        service = of_action(action)
        name = action.partition(":")[2]
        sample = service.samples.get(name)
        if sample is None:
            raise HarnessError(
                f"no sample call of {action}: add it to harness/iam/services"
            )
        subject = Subject(arn, self._keys.get(arn, ("PK",)))
        operation = sample.operation or xform_name(name)
        parameters = sample.parameters(subject)
        return Call(action, arn, service, sample, operation, parameters)

    def make(self, role_arn: str, call: Call) -> Answer:
        """Make a call with the credentials of a role, from here."""
        [answer] = probe.make([call.to_probe()], self.assume(role_arn))
        return answer

    def assume(self, role_arn: str) -> Client:
        """Return what makes boto3's clients with a role's credentials.

        An execution role trusts Lambda only; but LocalStack's administrator, whose key
        is the account's number, may assume any role.
        """
        if role_arn not in self._clients:
            sts = self._sessions(self._account_id).client("sts")
            told = sts.assume_role(RoleArn=role_arn, RoleSessionName="access")
            given = told["Credentials"]
            session = self._sessions(given["AccessKeyId"], given["SessionToken"])
            # Making a client takes longer than most calls: one per service.
            self._clients[role_arn] = cache(session.client)
        return self._clients[role_arn]


@contextmanager
def a_probe(
    functions: "LambdaClient", role_arn: str, log_group: str
) -> Iterator[Callable[[Sequence[Call]], list[Answer]]]:
    """Yield what makes calls in a function of a role, which logs where the role may."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.write(probe.__file__, "probe.py")
    name = f"access-{uuid4().hex[:12]}"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role_arn,
        Handler="probe.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=TIMEOUT_S,
        LoggingConfig={"LogGroup": log_group},
    )
    try:
        # boto3's own waiter sleeps a second before it looks again.
        wait_until(
            lambda: functions.get_function_configuration(FunctionName=name)["State"],
            lambda state: state == "Active",
            what=f"start of the probe {name}",
            timeout_s=ACTIVE_TIMEOUT_S,
            poll_s=0.1,
        )
        yield partial(_ask, functions, name)
    finally:
        functions.delete_function(FunctionName=name)


def _ask(functions: "LambdaClient", name: str, calls: Sequence[Call]) -> list[Answer]:
    """Have a probe make calls, in order.

    Raises:
        HarnessError: the function itself failed.
    """
    event = {"calls": [call.to_probe() for call in calls]}
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise HarnessError(f"probe {name} failed: {payload.decode()}")
    answers: list[Answer] = json.loads(payload)
    return answers
