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
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3

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
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient

type Client = Callable[..., Any]
type Sessions = Callable[[str], boto3.Session]

TIMEOUT_S = 120
ACTIVE_TIMEOUT_S = 60
_TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    },
}


@dataclass(frozen=True, slots=True)
class Call:
    """``client(service).operation(**parameters)``, for an action on an ARN."""

    action: str
    arn: str
    service: Service
    sample: SampleCall
    parameters: dict[str, Any]

    def to_probe(self) -> dict[str, object]:
        """Return it as the probe takes it."""
        return {
            "service": self.service.name,
            "operation": self.sample.operation,
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
        if self.arn not in message.replace('"', " ").split():
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
    """Makes the calls of cells; ``sessions`` makes a session of an access key."""

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

    def call(self, cell: Cell) -> Call:
        """Return the real call of a cell."""
        return self.call_on(cell.action, find(self.stack, cell.resource).arn)

    def call_on(self, action: str, arn: str) -> Call:
        """Return the real call of an action on anything.

        Raises:
            HarnessError: nothing is known about calling the action.

        """
        service = of_action(action)
        sample = service.samples.get(action.partition(":")[2])
        if sample is None:
            raise HarnessError(
                f"no sample call of {action}: add it to harness/iam/services"
            )
        subject = Subject(arn, self._keys.get(arn, ("PK",)))
        return Call(action, arn, service, sample, sample.parameters(subject))

    def role_arn(self, logical_id: str) -> str:
        """Return the ARN of a role of the stack."""
        return self.stack.resources[logical_id].arn

    def function_of(self, role: str) -> Placed:
        """Return the function that runs as a role."""
        if found := self._function_of(role):
            return found
        raise HarnessError(
            f"no function of {self.stack.place.stack_name} runs as {role}"
        )

    def is_a_functions(self, role: str) -> bool:
        """Tell the role of a function from one that another service works in."""
        return self._function_of(role) is not None

    def _function_of(self, role: str) -> Placed | None:
        offline = f"{self.stack.place.stack_name}-{role}"
        for function in self.stack.of_kind("AWS::Lambda::Function"):
            if function.properties["Role"].endswith((f"/{role}", f"/{offline}")):
                return function
        return None

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
            session = self._sessions(told["Credentials"]["AccessKeyId"])
            # Making a client takes longer than most calls: one per service.
            self._clients[role_arn] = cache(session.client)
        return self._clients[role_arn]


@contextmanager
def a_role(iam: "IAMClient", *actions: str) -> Iterator[str]:
    """Yield the ARN of a role that may do these actions on everything."""
    name = f"access-{uuid4().hex[:12]}"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    if actions:
        allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": allow})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    try:
        yield made["Role"]["Arn"]
    finally:
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        iam.delete_role(RoleName=name)


@contextmanager
def a_probe(
    functions: "LambdaClient", role_arn: str, log_group: str
) -> Iterator["Probe"]:
    """Yield a function that makes calls with a role; it logs where the role may."""
    name = f"access-{uuid4().hex[:12]}"
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role_arn,
        Handler="probe.handler",
        Code={"ZipFile": _code()},
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
        yield Probe(functions, name)
    finally:
        functions.delete_function(FunctionName=name)


class Probe:
    """A deployed function that makes calls with its own role's credentials."""

    def __init__(self, functions: "LambdaClient", name: str) -> None:
        self._functions = functions
        self.name = name

    def make(self, calls: Sequence[Call]) -> list[Answer]:
        """Make the calls, in order.

        Raises:
            HarnessError: the function itself failed.

        """
        event = {"calls": [call.to_probe() for call in calls]}
        answer = self._functions.invoke(
            FunctionName=self.name, Payload=json.dumps(event).encode()
        )
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise HarnessError(f"probe {self.name} failed: {payload.decode()}")
        answers: list[Answer] = json.loads(payload)
        return answers


def _code() -> bytes:
    source = Path(probe.__file__)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("probe.py", source.read_bytes())
    return archive.getvalue()
