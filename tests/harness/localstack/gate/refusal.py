"""How a refused call is answered: AWS's code, status and words, per service."""

from dataclasses import dataclass

from harness.iam.evaluate import Decision
from harness.iam.messages import denial
from harness.iam.request import Request


class RefusedCall(Exception):  # noqa: N818 - it is a call
    """A call the gate does not let through; ``code`` is the one LocalStack writes."""

    def __init__(self, refusal: "Refusal") -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error to answer with."""

    code: str
    message: str
    http_status: int


# Of the JSON protocols, and their status for who is not known.
_JSON = {"dynamodb": 400, "dynamodbstreams": 400, "lambda": 403, "logs": 400}
_NOT_KNOWN = (
    "The security token included in the request is invalid. (This LocalStack knows the "
    "access keys `test` and 000000000000, or any account's number, for administrators, "
    "and those that sts:AssumeRole gave out.)"
)


def denied(request: Request, decision: Decision) -> Refusal:
    """Answer a call that the policies do not allow."""
    told = denial(request, decision)
    service = request.action_key.partition(":")[0]
    # LocalStack's serializer makes SQS's two codes, of its two protocols, of this one.
    code = "AccessDeniedException" if service == "sqs" else told.code
    return Refusal(code, told.message, told.http_status)


def without_decision(service: str, reason: str) -> Refusal:
    """Answer a call about which nothing could be decided."""
    code = "AccessDenied" if service in {"s3", "sts", "iam"} else _ACCESS_DENIED
    return Refusal(code, f"The IAM gate refused this call: {reason}", 403)


def unknown_key(service: str) -> Refusal:
    """Answer a call with an access key that nobody gave out."""
    if service == "s3":
        return Refusal("InvalidAccessKeyId", _NOT_KNOWN, 403)
    if service in _JSON:
        return Refusal("UnrecognizedClientException", _NOT_KNOWN, _JSON[service])
    return Refusal("InvalidClientTokenId", _NOT_KNOWN, 403)


def unsigned(service: str) -> Refusal:
    """Answer a call that is not signed at all."""
    code = "AccessDenied" if service == "s3" else "MissingAuthenticationToken"
    return Refusal(code, "Request is missing Authentication Token", 403)


_ACCESS_DENIED = "AccessDeniedException"
