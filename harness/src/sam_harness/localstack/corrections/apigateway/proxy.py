"""The Lambda proxy integration: the trace, the event, and what a function answers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import re
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from fnmatch import fnmatchcase
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.apigateway.next_gen.execute_api import gateway_response as says
from localstack.services.apigateway.next_gen.execute_api.integrations import (
    REST_API_INTEGRATIONS,
    aws,
)
from localstack.utils.aws.arns import extract_region_from_arn

from sam_harness.localstack.corrections.apigateway import callers
from sam_harness.localstack.corrections.apigateway.callers import Context

HEADER = "X-Amzn-Trace-Id"
# In the place of a role: the function is called with what the request is signed with.
# https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html
_CALLERS = "arn:aws:iam::*:user/*"
_CALLING = ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY")
_MOST_MS = 29_000
# https://www.rfc-editor.org/rfc/rfc9110#name-fields
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_VALUE = re.compile(r"[^\r\n\0]*")
_calls = ThreadPoolExecutor(1000, "integration")
_request: ContextVar[Context] = ContextVar("the request that a function answers")


def install() -> None:
    """Have functions called through this integration."""
    REST_API_INTEGRATIONS[INTEGRATION.name] = INTEGRATION
    for name in _CALLING:
        REST_API_INTEGRATIONS[name] = _Limited(REST_API_INTEGRATIONS[name])


class _Limited:
    """An integration that is waited for no longer than API Gateway does.

    What it calls goes on all the same.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """

    def __init__(self, integration: Any) -> None:  # noqa: ANN401 - untyped
        self._integration = integration

    def invoke(self, context: Context) -> object:
        """Answer in time."""
        limit_s = int(context.integration.get("timeoutInMillis") or _MOST_MS) / 1000
        called = _calls.submit(copy_context().run, self._integration.invoke, context)
        try:
            return called.result(limit_s)
        except TimeoutError as error:
            raise says.IntegrationTimeoutError("Endpoint request timed out") from error


class Integration(aws.RestApiAwsProxyIntegration):  # type: ignore[misc] # untyped
    """LocalStack's, corrected."""

    def invoke(self, context: Context) -> object:
        """Answer with the request's trace; LocalStack's own begins two others."""
        context.trace_id = _sampled(context)
        token = _request.set(context)
        try:
            return super().invoke(context)
        finally:
            _request.reset(token)

    @staticmethod
    def call_lambda(
        function_arn: str,
        *,
        credentials: str | None,
        **call: Any,  # noqa: ANN401 - untyped
    ) -> bytes:
        """Call a function with the trace of the request."""
        region = extract_region_from_arn(function_arn)
        if credentials == _CALLERS:
            key = callers.key_of(_request.get())
            client = connect_to(
                region_name=region, aws_access_key_id=key, aws_secret_access_key=key
            ).lambda_
            _trace_calls(client)
            said = client.invoke(FunctionName=function_arn, Payload=call["event"])
            return bytes(said["Payload"].read())
        clients = aws.get_service_factory(region_name=region, role_arn=credentials)
        _trace_calls(clients.lambda_)
        answer: bytes = aws.RestApiAwsProxyIntegration.call_lambda(
            function_arn, credentials=credentials, **call
        )
        return answer

    def create_lambda_input_event(self, context: Context) -> dict[str, Any]:
        """Make the event; of a repeated header ``headers`` has the last value.

        A body is base64 where its type is one of the API's binary ones, else text: what
        is no UTF-8 does not survive that.
        """
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
        event: dict[str, Any] = super().create_lambda_input_event(context)
        headers = event["multiValueHeaders"].items()
        event["headers"] = {name: values[-1] for name, values in headers}
        body = context.integration_request["body"]
        kind = context.invocation_request["headers"].get("Content-Type")
        if body:
            binary = event["isBase64Encoded"] = _is_binary(kind, context)
            text = b64encode(body).decode() if binary else body.decode(errors="replace")
            event["body"] = text
        return event

    def parse_lambda_response(self, payload: bytes) -> object:
        """Read what a function answers; what AWS takes for malformed is a 502."""
        malformed = says.InternalServerError("Internal server error", status_code=502)
        if not payload.lstrip().startswith(b"{"):  # the JSON of an object
            raise malformed
        try:
            answer = super().parse_lambda_response(payload)
        except TypeError as error:  # of a statusCode that is null, or a list
            raise malformed from error
        status, body = int(answer.get("statusCode") or 200), answer.get("body")
        if not isinstance(body, str | None) or not 100 <= status <= 599:
            raise malformed
        told = [answer.get(kind) or {} for kind in ("headers", "multiValueHeaders")]
        if not all(_is_header(*one) for of in told for one in of.items()):
            raise malformed
        context = _request.get()
        accepted = context.invocation_request["headers"].get("Accept")
        if body and answer.get("isBase64Encoded") and _is_binary(accepted, context):
            return {**answer, "body": b64decode(body), "isBase64Encoded": False}
        return answer


INTEGRATION = Integration()


def _is_header(name: str, values: str | list[object]) -> bool:
    # A text is a list of its characters.
    texts = [one for one in values if isinstance(one, str) and _VALUE.fullmatch(one)]
    return bool(_NAME.fullmatch(name)) and len(texts) == len(values)


def _is_binary(header: str | None, context: Context) -> bool:
    """Tell whether a header's first media type is one of the API's binary ones."""
    kinds = context.deployment.rest_api.rest_api.get("binaryMediaTypes") or ()
    first = (header or "").split(",")[0].split(";")[0].strip().lower()
    return bool(first) and any(fnmatchcase(first, kind.lower()) for kind in kinds)


def _sampled(context: Context) -> str:
    """Return the request's trace header; a traced stage samples unless told not to."""
    header: str = context.trace_id
    stage, asked = context.stage_configuration or {}, context.request.headers
    if stage.get("tracingEnabled") and "Sampled=" not in asked.get(HEADER, ""):
        return header.replace("Sampled=0", "Sampled=1")
    return header


def _trace_calls(client: Any) -> None:  # noqa: ANN401 - untyped
    # Clients are shared; registered again under its name, it is there once.
    events = client.meta.events
    events.register("before-call.lambda.Invoke", _add_header, unique_id=HEADER)


def _add_header(params: dict[str, Any], **_event: object) -> None:
    if context := _request.get(None):
        params["headers"][HEADER] = context.trace_id
