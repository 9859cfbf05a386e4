"""Calls of AWS's APIs, and what the mapping says they need."""

from sam_harness.iam.call import Authorization, Call
from sam_harness.iam.services import authorizations

ACCOUNT = "111122223333"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
KEY = {"PK": {"S": "a"}}
SELECT = {"Statement": "SELECT * FROM \"t\" WHERE PK = 'a'"}


def a_call(service: str, operation: str, **parameters: object) -> Call:
    """Return a call in eu-west-1."""
    return Call(service, operation, parameters, ACCOUNT, "eu-west-1")


def needed(call: Call) -> list[tuple[str, str]]:
    """List actions and resources of a call."""
    return [(one.action, one.resource) for one in authorizations(call)]


def only(call: Call) -> Authorization:
    """Return the one authorization a call needs."""
    (one,) = authorizations(call)
    return one
