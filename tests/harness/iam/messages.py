"""What AWS answers to a denied call: sentence, code and HTTP status.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from dataclasses import dataclass

from harness.iam.evaluate import Decision, Outcome
from harness.iam.policy import PolicyKind
from harness.iam.request import Request

# Services whose SDK error code is not AccessDeniedException.
_CODES = {
    "sqs": "AccessDenied",
    "s3": "AccessDenied",
    "sts": "AccessDenied",
    "iam": "AccessDenied",
    "cloudformation": "AccessDenied",
    "cloudwatch": "AccessDenied",
    "sns": "AuthorizationError",
}
# Services of the JSON protocol, which answer every client error with 400.
_BAD_REQUEST = {"dynamodb", "logs"}
_EXPLICIT = {
    PolicyKind.IDENTITY: "an identity-based policy",
    PolicyKind.BOUNDARY: "a permissions boundary",
    PolicyKind.SESSION: "a session policy",
    PolicyKind.RESOURCE: "a resource-based policy",
    PolicyKind.TRUST: "the role trust policy",
}


@dataclass(frozen=True, slots=True)
class Denial:
    """An error as boto3 shows it; ``code`` is ``Error.Code``."""

    code: str
    http_status: int
    message: str


def denial(request: Request, decision: Decision) -> Denial:
    """Write the answer to a denied request."""
    service = request.action_key.split(":", 1)[0]
    action = _spelt(request.action, service)
    resource = f'"{request.resource}"' if service == "s3" else request.resource
    kind = decision.denied_by or PolicyKind.IDENTITY
    if decision.outcome is Outcome.EXPLICIT_DENY:
        why = f"with an explicit deny in {_EXPLICIT[kind]}"
    else:
        why = f"because no {kind.value} allows the {action} action"
    return Denial(
        code=_CODES.get(service, "AccessDeniedException"),
        http_status=400 if service in _BAD_REQUEST else 403,
        message=f"User: {request.principal.name} is not authorized to perform:"
        f" {action} on resource: {resource} {why}",
    )


def _spelt(action: str, service: str) -> str:
    """SQS writes its actions in lower case, SNS its own prefix in capitals."""
    if service == "sqs":
        return action.lower()
    return action.replace("sns:", "SNS:", 1) if service == "sns" else action
