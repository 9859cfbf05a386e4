"""Where LocalStack's SQS differs from AWS's."""

from localstack.aws.connect import INTERNAL_REQUEST_PARAMS_HEADER, load_dto
from localstack.http import Request
from localstack.services.sqs import query_api
from localstack.services.sqs.developer_api import SqsDeveloperApi
from werkzeug.datastructures import Headers

from sam_harness.iam.call import Call
from sam_harness.localstack.gate import caller, handler

_SIGNED = "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request"


def install() -> None:
    """Correct LocalStack's SQS."""
    _ask_with_the_key_of_the_request()
    _show_messages_by_permission()


def _ask_with_the_key_of_the_request() -> None:
    # A request straight to a queue's URL is served ahead of the gate, by a call of
    # LocalStack's own: an administrator's, unless a header names a key.
    def try_call_sqs(request: Request, region: str) -> object:
        key = caller.access_key(request.headers, request.args)
        service = request.headers.get(INTERNAL_REQUEST_PARAMS_HEADER)
        if service and caller.is_harness(key):  # an API whose integration has no role
            asked = {"QueueUrl": request.base_url, **request.values}
            account = request.path.split("/")[-2]
            call = Call("sqs", asked.get("Action", ""), asked, account, region)
            handler.check(call, request, load_dto(service))
        request.headers = Headers(request.headers)
        request.headers["Authorization"] = _SIGNED.format(key=key, region=region)
        return original(request, region)

    original = query_api.try_call_sqs
    query_api.try_call_sqs = try_call_sqs


def _show_messages_by_permission() -> None:
    # LocalStack shows a queue's messages at /_aws/sqs/messages to everybody.
    def collect(
        self: SqsDeveloperApi,
        request: Request,
        region: str,
        account_id: str,
        queue_name: str,
    ) -> object:
        asked = {"QueueUrl": queue_name}
        receive = Call("sqs", "ReceiveMessage", asked, account_id, region)
        handler.check(receive, request)
        return original(self, request, region, account_id, queue_name)

    original = SqsDeveloperApi._get_and_serialize_messages  # noqa: SLF001 - no other way in
    SqsDeveloperApi._get_and_serialize_messages = collect  # noqa: SLF001 - as above
