"""Roles made for one test each, and what they are told when they call."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

type Statement = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Denied:
    """What boto3 shows of a refused call."""

    code: str
    http_status: int
    message: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role and a session that may manage it."""

    arn: str
    admin: boto3.Session
    sessions: Callable[..., boto3.Session]

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rsplit("/", 1)[-1]

    def allow(self, action: str, resource: str, *, policy: str = "allowed") -> None:
        """Give the role an inline policy of one statement."""
        self.put({"Effect": "Allow", "Action": action, "Resource": resource}, policy)

    def put(self, statement: Statement, policy: str) -> None:
        """Give the role an inline policy."""
        self.admin.client("iam").put_role_policy(
            RoleName=self.name, PolicyName=policy, PolicyDocument=document(statement)
        )

    def take(self, policy: str = "allowed") -> None:
        """Remove an inline policy."""
        self.admin.client("iam").delete_role_policy(
            RoleName=self.name, PolicyName=policy
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes them at run time
        """Assume the role and return a client of it."""
        return client(self.session(), service)

    def session(self, **limits: Any) -> boto3.Session:  # noqa: ANN401 - AssumeRole's
        """Assume the role; ``limits`` are options of AssumeRole."""
        told = self.admin.client("sts").assume_role(
            RoleArn=self.arn, RoleSessionName="test", **limits
        )
        given = told["Credentials"]
        return self.sessions(given["AccessKeyId"], given["SessionToken"])


@dataclass(frozen=True, slots=True)
class Roles:
    """Makes roles in one account."""

    admin: boto3.Session
    sessions: Callable[..., boto3.Session]
    account_id: str

    def make(self, trusted: Statement | None = None, **options: Any) -> Role:  # noqa: ANN401 - CreateRole's
        """Make a role without permissions, that Lambda and the account may assume."""
        both = {"Service": "lambda.amazonaws.com", "AWS": self.account_id}
        trust = {"Effect": "Allow", "Principal": trusted or both}
        made = self.admin.client("iam").create_role(
            RoleName=unique("gate"),
            AssumeRolePolicyDocument=document({**trust, "Action": "sts:AssumeRole"}),
            **options,
        )
        return Role(made["Role"]["Arn"], self.admin, self.sessions)


def client(session: boto3.Session, service: str) -> Any:  # noqa: ANN401 - as above
    """Return a client whose type checks accept any service and parameters."""
    make: Any = session.client
    return make(service)


def unique(prefix: str) -> str:
    """Return a name that nothing else has."""
    return f"{prefix}-{uuid4().hex[:12]}"


def document(*statements: Statement) -> str:
    """Write a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def denied(call: Callable[..., object], **parameters: object) -> Denied:
    """Make a call that must be refused, and return what was told."""
    try:
        call(**parameters)
    except ClientError as error:
        return Denied(
            error.response["Error"]["Code"],
            error.response["ResponseMetadata"]["HTTPStatusCode"],
            error.response["Error"]["Message"],
        )
    raise AssertionError(f"served, not refused: {parameters}")
