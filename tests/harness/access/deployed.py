"""A deployed stack as the matrix sees it, and how to act as its roles."""

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3

from harness.access import probe
from harness.access.calls import Call, call_of, key_names
from harness.access.matrix import Cell
from harness.access.probe import Answer
from harness.access.stack import Placed, Stack
from harness.access.targets import find
from harness.errors import HarnessError

type Client = Callable[..., Any]
type Sessions = Callable[[str], boto3.Session]


class Deployed:
    """Makes the calls of cells; ``sessions`` makes a session of an access key."""

    def __init__(self, stack: Stack, sessions: Sessions, account_id: str) -> None:
        self.stack = stack
        self._sessions = sessions
        self._account_id = account_id
        self._keys = key_names(stack)
        self._clients: dict[str, Client] = {}

    def call(self, cell: Cell) -> Call:
        """Return the real call of a cell."""
        return self.call_on(cell.action, find(self.stack, cell.resource).arn)

    def call_on(self, action: str, arn: str) -> Call:
        """Return the real call of an action on anything."""
        return call_of(action, arn, self._keys)

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
