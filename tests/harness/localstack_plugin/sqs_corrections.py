"""Where LocalStack's SQS differs from AWS's."""

from localstack.http import Request
from localstack.services.sqs import query_api
from werkzeug.datastructures import Headers

from harness.localstack_plugin.gate import caller

_SIGNED = "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request"


def install() -> None:
    """Correct LocalStack's SQS."""
    _ask_as_whoever_asks()


def _ask_as_whoever_asks() -> None:
    # A request straight to a queue's URL is served ahead of the gate, by a call of
    # LocalStack's own: an administrator's, unless a header names a key.
    def try_call_sqs(request: Request, region: str) -> object:
        said = request.headers.get("Authorization", "")
        key = caller.access_key(said, request.args)
        request.headers = Headers(request.headers)
        request.headers["Authorization"] = _SIGNED.format(key=key, region=region)
        return original(request, region)

    original = query_api.try_call_sqs
    query_api.try_call_sqs = try_call_sqs
