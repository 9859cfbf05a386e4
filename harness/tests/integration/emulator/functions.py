"""Small functions, made for one test each."""

import io
import json
import textwrap
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3

from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_lambda.type_defs import InvocationResponseTypeDef


TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invoker gets: ``error`` is None, Handled or Unhandled."""

    error: str | None
    payload: Any
    request_id: str


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed function."""

    name: str
    session: boto3.Session

    def invoke(
        self,
        event: object = None,
        **options: Any,  # noqa: ANN401 - passed to Invoke
    ) -> Answer:
        """Invoke it and wait for the answer."""
        answer: InvocationResponseTypeDef = self.session.client("lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event), **options
        )
        return Answer(
            answer.get("FunctionError"),
            json.loads(answer["Payload"].read()),
            answer["ResponseMetadata"]["RequestId"],
        )

    def log(self, until: str, group: str | None = None) -> list[str]:
        """Return the messages of its log group, once one of them holds ``until``."""
        return wait_until(
            lambda: self._messages(group or f"/aws/lambda/{self.name}"),
            lambda messages: any(until in message for message in messages),
            what=f"log of {self.name} with {until!r}",
            timeout_s=10,
        )

    def _messages(self, group: str) -> list[str]:
        logs = self.session.client("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            return [event["message"] for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []


@dataclass(frozen=True, slots=True)
class Functions:
    """Makes functions in one account."""

    session: boto3.Session
    role_arn: str

    def create(
        self,
        source: str,
        *,
        handler: str = "app.handler",
        timeout_s: int = 10,
        variables: Mapping[str, str] | None = None,
        state: str = "Active",
        **options: Any,  # noqa: ANN401 - passed to CreateFunction
    ) -> Function:
        """Create a function whose module ``app`` is ``source``; wait for ``state``."""
        client = self.session.client("lambda")
        name = f"f-{uuid4().hex[:12]}"
        client.create_function(
            FunctionName=name,
            Role=self.role_arn,
            Handler=handler,
            Code={"ZipFile": zipped({"app.py": textwrap.dedent(source)})},
            Timeout=timeout_s,
            Environment={"Variables": dict(variables or {})},
            **{"Runtime": "python3.13"} | options,
        )
        wait_until(
            lambda: client.get_function_configuration(FunctionName=name)["State"],
            lambda seen: seen == state,
            what=f"state of {name}",
            timeout_s=20,
        )
        return Function(name, self.session)


def zipped(files: Mapping[str, str]) -> bytes:
    """Return a zip archive of ``files``."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, text in files.items():
            writer.writestr(name, text)
    return archive.getvalue()


def published(session: boto3.Session, files: dict[str, str]) -> str:
    """Return the ARN of a new layer that holds ``files``."""
    made = session.client("lambda").publish_layer_version(
        LayerName=f"layer-{uuid4().hex[:8]}", Content={"ZipFile": zipped(files)}
    )
    return made["LayerVersionArn"]


def make_role(session: boto3.Session, *others: str) -> str:
    """Return the ARN of a new role that Lambda may take and that may do everything.

    ``others``: services that may take it as well.
    """
    iam = session.client("iam")
    name = f"emulator-test-{uuid4().hex[:8]}"
    services = [f"{one}.amazonaws.com" for one in ("lambda", *others)]
    trust = {**TRUST["Statement"][0], "Principal": {"Service": services}}
    made = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({**TRUST, "Statement": trust}),
    )
    iam.put_role_policy(
        RoleName=name, PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING)
    )
    return made["Role"]["Arn"]
