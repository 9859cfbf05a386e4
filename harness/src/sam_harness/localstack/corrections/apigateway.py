"""Where LocalStack's API Gateway differs from AWS's."""

from contextvars import ContextVar
from copy import copy
from typing import Any

from localstack.services.apigateway.next_gen import provider
from localstack.services.apigateway.next_gen.execute_api.integrations import aws
from localstack.utils.aws.arns import extract_region_from_arn

HEADER = "X-Amzn-Trace-Id"
_trace: ContextVar[str] = ContextVar("trace header of the request")


def install() -> None:
    """Correct LocalStack's API Gateway."""
    _trace_requests()
    _keep_default_responses()


def _trace_requests() -> None:
    # LocalStack answers with a trace of its own and lets the function begin another.
    def invoke(self: Any, context: Any) -> Any:  # noqa: ANN401 - LocalStack is untyped
        context.trace_id = _sampled(context)
        token = _trace.set(context.trace_id)
        try:
            return original_invoke(self, context)
        finally:
            _trace.reset(token)

    def call_lambda(
        function_arn: str,
        *,
        credentials: str | None,
        **call: Any,  # noqa: ANN401 - untyped
    ) -> bytes:
        region = extract_region_from_arn(function_arn)
        client = aws.get_service_factory(region_name=region, role_arn=credentials)
        events = client.lambda_.meta.events
        # The clients are shared; registered again under its name, it is there once.
        events.register("before-call.lambda.Invoke", _add_header, unique_id=HEADER)
        answer: bytes = original_call(function_arn, credentials=credentials, **call)
        return answer

    integration = aws.RestApiAwsProxyIntegration
    original_invoke, original_call = integration.invoke, integration.call_lambda
    integration.invoke = invoke
    integration.call_lambda = staticmethod(call_lambda)


def _keep_default_responses() -> None:
    # LocalStack completes its defaults in place when it is asked for them; from then on
    # every API that may not invoke its function answers 504, where AWS answers 500.
    def get_gateway_response_or_default(*asked: object) -> object:
        return copy(original(*asked))

    original = provider.get_gateway_response_or_default
    provider.get_gateway_response_or_default = get_gateway_response_or_default


def _sampled(context: Any) -> str:  # noqa: ANN401 - untyped
    """Return the request's trace header; a traced stage samples unless told not to."""
    header: str = context.trace_id
    stage, asked = context.stage_configuration or {}, context.request.headers
    if stage.get("tracingEnabled") and "Sampled=" not in asked.get(HEADER, ""):
        return header.replace("Sampled=0", "Sampled=1")
    return header


def _add_header(params: dict[str, Any], **_event: object) -> None:
    if header := _trace.get(""):
        params["headers"][HEADER] = header
