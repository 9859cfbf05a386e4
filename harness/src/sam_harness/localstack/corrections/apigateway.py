"""Where LocalStack's API Gateway differs from AWS's."""

import json
import re
from contextvars import ContextVar
from copy import copy
from typing import Any

from localstack.services.apigateway.helpers import OpenAPIExt, get_apigateway_store
from localstack.services.apigateway.legacy import provider as imports
from localstack.services.apigateway.next_gen import provider
from localstack.services.apigateway.next_gen.execute_api import gateway_response
from localstack.services.apigateway.next_gen.execute_api.handlers import (
    gateway_exception,
)
from localstack.services.apigateway.next_gen.execute_api.integrations import aws
from localstack.utils.aws.arns import extract_region_from_arn

HEADER = "X-Amzn-Trace-Id"
_trace: ContextVar[str] = ContextVar("trace header of the request")
_VARIABLE = re.compile(r"\$context((?:\.[A-Za-z]\w*)+)")
_HEADER_PREFIX = "gatewayresponse.header."


def install() -> None:
    """Correct LocalStack's API Gateway."""
    _trace_requests()
    _keep_default_responses()
    _import_responses()
    _render_responses()


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


def _import_responses() -> None:
    # LocalStack imports an OpenAPI document without its gateway responses.
    def import_api(
        rest_api: Any,  # noqa: ANN401 - untyped
        context: Any,  # noqa: ANN401 - untyped
        open_api_spec: dict[str, Any],
        mode: str,
    ) -> object:
        imported = original(rest_api, context, open_api_spec, mode)
        api = get_apigateway_store(context=context).rest_apis[rest_api.id]
        responses = open_api_spec.get(OpenAPIExt.GATEWAY_RESPONSES, {})
        for kind, response in responses.items():
            status = response.get("statusCode")
            api.gateway_responses[kind] = gateway_response.build_gateway_response(
                response_type=kind,
                status_code=None if status is None else str(status),
                response_parameters=response.get("responseParameters"),
                response_templates=response.get("responseTemplates"),
                default_response=False,
            )
        return imported

    original = imports.import_api_from_openapi_spec
    imports.import_api_from_openapi_spec = import_api


def _render_responses() -> None:
    # LocalStack keeps the templates and headers of a gateway response and answers with
    # its own all the same.
    def create_exception_response(self: Any, exception: Any, context: Any) -> Any:  # noqa: ANN401 - untyped
        answer = original(self, exception, context)
        responses = context.deployment.rest_api.gateway_responses
        if responses:
            wanted = gateway_response.get_gateway_response_or_default(
                exception.type, responses
            )
            _render(answer, wanted, exception.message or "", context.context_variables)
        return answer

    handler = gateway_exception.GatewayExceptionHandler
    original = handler.create_exception_response
    handler.create_exception_response = create_exception_response


def _render(
    answer: Any,  # noqa: ANN401 - untyped
    wanted: dict[str, Any],
    message: str,
    context: dict[str, Any],
) -> None:
    """Give the answer the wanted body and headers.

    API Gateway knows simple variables here, no other statements, and headers that are
    text in quotation marks; what else it takes for a header is left out.
    """
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    error = {"message": message, "messageString": json.dumps(message)}
    known = context | {"status": answer.status_code, "error": error}

    def value(found: re.Match[str]) -> str:
        variable: Any = known
        for name in found[1][1:].split("."):
            variable = variable.get(name) if isinstance(variable, dict) else None
        return "" if variable is None else str(variable)

    for media_type, template in wanted["responseTemplates"].items():
        answer.set_data(_VARIABLE.sub(value, template))
        answer.headers["Content-Type"] = media_type
        break
    for name, mapped in wanted["responseParameters"].items():
        if name.startswith(_HEADER_PREFIX) and re.fullmatch("'.*'", mapped):
            answer.headers[name.removeprefix(_HEADER_PREFIX)] = mapped[1:-1]


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
