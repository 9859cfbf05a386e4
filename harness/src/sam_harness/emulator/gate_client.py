"""The IAM gate seen from outside: whether it denies, and what it has decided."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

from sam_harness.errors import HarnessError

type Sessions = Callable[..., boto3.Session]
# One line of the gate's report: sam_harness.localstack.gate.record tells its fields.
type RecordedDecision = dict[str, Any]

HEALTH = "/_harness/health"
DECISIONS = "/_harness/iam/decisions"
# No test uses it: what the canary makes is in no test's way.
CANARY_ACCOUNT = "999999999999"
# Past all proxies of the caller's environment.
urlopen = build_opener(ProxyHandler({})).open


def check_canary(sessions: Sessions) -> None:
    """Return if a role without permissions is denied what a permitted one may do.

    ``sessions`` makes a session of an account's number, or a role's key and token.

    Raises:
        HarnessError: the denied call was served, or the permitted one was not.
    """
    with (
        closing(sessions(CANARY_ACCOUNT).client("iam")) as iam,
        _role(iam) as canary,
        _role(iam, "iam:GetRole") as control,
    ):
        denial = _get_role(sessions, canary)
        if denial is None:
            raise HarnessError(
                "the IAM gate does not work: a role without permissions was served "
                "iam:GetRole; no denial that this LocalStack shows would mean anything"
            )
        wanted = f"not authorized to perform: iam:GetRole on resource: {canary}"
        if wanted not in denial:
            raise HarnessError(
                "the IAM gate does not work: the canary was denied, but not for what "
                f"it lacks: {denial}"
            )
        if denial := _get_role(sessions, control):
            raise HarnessError(
                "the IAM gate does not work: a role with iam:GetRole was denied it: "
                f"{denial}"
            )


def check_health(endpoint_url: str) -> None:
    """Return if nothing has gone wrong within the gate so far.

    Raises:
        HarnessError: something has, or the gate is gone.
    """
    state = ask(endpoint_url + HEALTH).get("gate")
    if state != "active":
        raise HarnessError(
            f"the IAM gate is not active any more ({state}): no result of this run "
            "counts"
        )


def decisions(
    endpoint_url: str, *, account: str | None = None, role: str | None = None
) -> list[RecordedDecision]:
    """Return what the gate has decided; ``role`` is an ARN or a role's name.

    Raises:
        HarnessError: there were more decisions than the gate keeps.
    """
    wanted = {"account": account, "role": role}
    query = urlencode({name: value for name, value in wanted.items() if value})
    told = ask(f"{endpoint_url}{DECISIONS}?{query}")
    if told["lost"]:
        raise HarnessError(
            f"the IAM gate forgot {told['lost']} decisions: clear them earlier"
        )
    listed: list[RecordedDecision] = told["decisions"]
    return listed


def clear(endpoint_url: str, account: str) -> None:
    """Make the gate forget what it has decided about an account's calls."""
    url = f"{endpoint_url}{DECISIONS}?{urlencode({'account': account})}"
    ask(url, "DELETE")


@contextmanager
def _role(iam: Any, action: str = "") -> Iterator[str]:  # noqa: ANN401 - boto3's client
    """Yield the ARN of a role that may do an action to itself, or nothing."""
    name = f"canary-{uuid4().hex[:12]}"
    trust = {"Principal": {"AWS": CANARY_ACCOUNT}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_allow(trust))
    arn: str = role["Role"]["Arn"]
    if action:
        allowed = _allow({"Action": action, "Resource": arn})
        iam.put_role_policy(RoleName=name, PolicyName="control", PolicyDocument=allowed)
    yield arn
    if action:
        iam.delete_role_policy(RoleName=name, PolicyName="control")
    iam.delete_role(RoleName=name)


def _allow(what: Mapping[str, Any]) -> str:
    statement = {"Effect": "Allow", **what}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _get_role(sessions: Sessions, arn: str) -> str | None:
    """Return what a role is told that asks for itself; None: it was served."""
    with closing(sessions(CANARY_ACCOUNT).client("sts")) as sts:
        answer = sts.assume_role(RoleArn=arn, RoleSessionName="canary")
    key, token = (answer["Credentials"][one] for one in ("AccessKeyId", "SessionToken"))
    with closing(sessions(key, token).client("iam")) as iam:
        try:
            iam.get_role(RoleName=arn.rsplit("/", 1)[-1])
        except ClientError as error:
            return str(error)
    return None


def ask(url: str, method: str = "GET", body: bytes | None = None) -> Mapping[str, Any]:
    """Return what one of our plugin's own routes answers.

    Raises:
        HarnessError: nothing answers, or not with JSON.
    """
    request = Request(url, body, method=method)  # noqa: S310 - LocalStack's own URL
    try:
        with urlopen(request, timeout=10) as answer:
            told: Mapping[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise HarnessError(f"LocalStack cannot be asked: {url}: {error}") from None
    return told
