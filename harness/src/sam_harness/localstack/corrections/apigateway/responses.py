"""What API Gateway answers by itself: the gateway responses of the API."""

import json
import re
from typing import Any

from localstack.services.apigateway.next_gen.execute_api import gateway_response
from localstack.services.apigateway.next_gen.execute_api.handlers import (
    gateway_exception,
)

from sam_harness.localstack.corrections.apigateway.callers import Context

_VARIABLE = re.compile(r"\$((?:context|stageVariables)(?:\.[A-Za-z]\w*)+)")
_HEADER_PREFIX = "gatewayresponse.header."


def install() -> None:
    """Answer with them."""

    # LocalStack keeps the templates and headers of a gateway response and answers with
    # its own all the same.
    def create_exception_response(self: Any, exception: Any, context: Any) -> Any:  # noqa: ANN401 - untyped
        answer = original(self, exception, context)
        responses = context.deployment.rest_api.gateway_responses
        wanted = gateway_response.get_gateway_response_or_default(
            exception.type, responses
        )
        if wanted is not gateway_response.DEFAULT_GATEWAY_RESPONSES[exception.type]:
            _render(answer, wanted, exception, context)
        else:
            # LocalStack completes its defaults in place when it is asked for them, with
            # 504 also where AWS answers 500: for who may not invoke a function.
            answer.status_code = int(exception.status_code or 500)
        return answer

    handler = gateway_exception.GatewayExceptionHandler
    original = handler.create_exception_response
    handler.create_exception_response = create_exception_response


def _render(
    answer: Any,  # noqa: ANN401 - untyped
    wanted: dict[str, Any],
    exception: Any,  # noqa: ANN401 - as above
    context: Context,
) -> None:
    """Give the answer the wanted body and headers.

    API Gateway knows simple variables here, no other statements. A header is a text in
    quotation marks or, where there is one that it can be, such a variable.
    """
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    invalid = getattr(exception.__cause__, "message", "")
    error = {
        "message": exception.message,
        "messageString": json.dumps(exception.message),
        "responseType": exception.type.name,
        # In other words than AWS's.
        "validationErrorString": f"[{invalid}]" if invalid else "",
    }
    status = {"status": answer.status_code, "error": error}
    asked = context.invocation_request
    request = {
        "header": asked["headers"],
        "querystring": asked["query_string_parameters"],
        "path": asked.get("path_parameters"),
    }
    known = {
        "context": context.context_variables | status,
        "stageVariables": context.stage_variables,
        "method": {"request": request},
    }

    def value(variable: str) -> str | None:
        held: Any = known
        for name in variable.split("."):
            held = held.get(name) if hasattr(held, "get") else None
        return None if held is None else str(held)

    for media_type, template in wanted["responseTemplates"].items():
        filled = _VARIABLE.sub(lambda found: value(found[1]) or "", template)
        answer.set_data(filled)
        answer.headers["Content-Type"] = media_type
        break
    for name, mapped in wanted["responseParameters"].items():
        is_text = re.fullmatch("'.*'", mapped)
        header = mapped[1:-1] if is_text else value(mapped)
        if name.startswith(_HEADER_PREFIX) and header and header.isprintable():
            answer.headers[name.removeprefix(_HEADER_PREFIX)] = header
