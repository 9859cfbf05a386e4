"""What AWS answers to a denied call: sentence, code and HTTP status.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from dataclasses import dataclass

from sam_harness.iam.evaluate import Decision
from sam_harness.iam.policy import PolicyKind
from sam_harness.iam.request import Request
from sam_harness.iam.services import of_action

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
    errors = of_action(request.action_key).errors
    action, resource = errors.action(request.action), errors.resource(request.resource)
    kind = decision.denied_by or PolicyKind.IDENTITY
    if decision.is_explicit:
        why = f"with an explicit deny in {_EXPLICIT[kind]}"
    else:
        why = f"because no {kind.value} allows the {action} action"
    return Denial(
        errors.denied,
        errors.http_status,
        f"User: {request.principal.name} is not authorized to perform:"
        f" {action} on resource: {resource} {why}",
    )
