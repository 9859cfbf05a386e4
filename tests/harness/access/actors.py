"""Roles and probe functions in an account: who makes the calls, and from where."""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from harness.access import probe
from harness.access.calls import Call
from harness.access.probe import Answer
from harness.errors import HarnessError
from harness.polling import wait_until

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient

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
