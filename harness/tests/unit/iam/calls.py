"""Calls of AWS's APIs, and what the mapping says they need."""

from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from sam_harness.iam.call import Authorization, Call
from sam_harness.iam.services import authorizations

ACCOUNT = "111122223333"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
KEY = {"PK": {"S": "a"}}
SELECT = {"Statement": "SELECT * FROM \"t\" WHERE PK = 'a'"}


@cache
def session() -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Share one session: its loader keeps what it has read."""
    return botocore.session.get_session()


@cache
def model(service: str) -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Load botocore's model of a service."""
    return session().get_service_model(service)


@cache
def members(service: str, operation: str) -> dict[str, Any]:
    """Return the parameters of an operation; of one that botocore has not none."""
    try:
        shape = model(service).operation_model(operation).input_shape
    except (UnknownServiceError, OperationNotFoundError):
        return {}
    return dict(shape.members) if shape else {}


def a_call(service: str, operation: str, **parameters: object) -> Call:
    """Return a call in eu-west-1."""
    known = tuple(members(service, operation))
    return Call(service, operation, parameters, ACCOUNT, "eu-west-1", members=known)


def needed(call: Call) -> list[tuple[str, str]]:
    """List actions and resources of a call."""
    return [(one.action, one.resource) for one in authorizations(call)]


def only(call: Call) -> Authorization:
    """Return the one authorization a call needs."""
    (one,) = authorizations(call)
    return one
