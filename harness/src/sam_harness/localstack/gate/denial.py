"""How a call that does not pass is answered: AWS's code, status and words."""

from sam_harness.iam import services
from sam_harness.iam.evaluate import Decision
from sam_harness.iam.messages import Denial, denial
from sam_harness.iam.request import Request


class DeniedCall(Exception):  # noqa: N818 - it is a call
    """A call the gate does not let through; ``code`` is the one LocalStack writes."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.message)
        self.denial = denial


_NOT_KNOWN = (
    "The security token included in the request is invalid. (This LocalStack knows the "
    "access keys `test` and 000000000000, or any account's number, for administrators, "
    "and those that sts:AssumeRole gave out.)"
)


def denied(request: Request, decision: Decision) -> Denial:
    """Answer a call that the policies do not allow."""
    told = denial(request, decision)
    errors = services.of_action(request.action_key).errors
    return Denial(errors.given or told.code, told.http_status, told.message)


def without_decision(service: str, reason: str) -> Denial:
    """Answer a call about which nothing could be decided."""
    errors = services.named(service).errors
    said = f"The IAM gate denied this call: {reason}"
    return Denial(errors.given or errors.denied, errors.http_status, said)


def unknown_key(service: str) -> Denial:
    """Answer a call with an access key that STS did not give out."""
    errors = services.named(service).errors
    return Denial(errors.unknown_key, errors.http_status, _NOT_KNOWN)


def unsigned(service: str) -> Denial:
    """Answer a call that is not signed at all."""
    errors = services.named(service).errors
    return Denial(errors.unsigned, 403, "Request is missing Authentication Token")
