"""How a call that does not pass is answered: AWS's code, status and words.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from sam_harness.iam import services
from sam_harness.iam.evaluate import Decision
from sam_harness.iam.policy import PolicyKind
from sam_harness.iam.request import Request

_EXPLICIT = {
    PolicyKind.IDENTITY: "an identity-based policy",
    PolicyKind.BOUNDARY: "a permissions boundary",
    PolicyKind.SESSION: "a session policy",
    PolicyKind.RESOURCE: "a resource-based policy",
    PolicyKind.TRUST: "the role trust policy",
}
_NOT_KNOWN = (
    "The security token included in the request is invalid. (This LocalStack knows the "
    "access keys `test` and 000000000000, or any account's number, for administrators, "
    "and those that sts:AssumeRole gave out, with their session token.)"
)


class DeniedCall(Exception):  # noqa: N818 - it is a call
    """A call the gate does not let through; LocalStack is given ``code`` to write."""

    def __init__(self, code: str, http_status: int, message: str) -> None:
        super().__init__(message)
        self.code, self.http_status, self.message = code, http_status, message


def denied(request: Request, decision: Decision) -> DeniedCall:
    """Answer a call that the policies do not allow."""
    errors = services.of_action(request.action_key).errors
    action, resource = errors.action(request.action), errors.resource(request.resource)
    kind = decision.denied_by or PolicyKind.IDENTITY
    if decision.is_explicit:
        why = f"with an explicit deny in {_EXPLICIT[kind]}"
    else:
        why = f"because no {kind.value} allows the {action} action"
    return DeniedCall(
        errors.given or errors.denied,
        errors.http_status,
        f"User: {request.principal.name} is not authorized to perform:"
        f" {action} on resource: {resource} {why}",
    )


def without_decision(service: str, reason: str) -> DeniedCall:
    """Answer a call about which nothing could be decided."""
    errors = services.named(service).errors
    said = f"The IAM gate denied this call: {reason}"
    return DeniedCall(errors.given or errors.denied, errors.http_status, said)


def unknown_key(service: str) -> DeniedCall:
    """Answer a call with an access key that STS did not give out."""
    errors = services.named(service).errors
    return DeniedCall(errors.unknown_key, errors.http_status, _NOT_KNOWN)


def unsigned(service: str) -> DeniedCall:
    """Answer a call that is not signed at all."""
    errors = services.named(service).errors
    return DeniedCall(errors.unsigned, 403, "Request is missing Authentication Token")
