"""What API Gateway asks of a request before its integration, in its order.

LocalStack asks for an API key and validates; the rest it stores and ignores.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import jsonschema
from localstack.services.apigateway.helpers import ModelResolver
from localstack.services.apigateway.next_gen.execute_api import gateway_response as says

from sam_harness.localstack.corrections.apigateway import authorizers, callers, limits
from sam_harness.localstack.corrections.apigateway.callers import Context

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
MOST_BYTES = 10 * 1024 * 1024
_JSON = "application/json"
_UNDECLARED = {
    "statusCode": "500",
    "responseTemplates": {_JSON: '{"message": "Internal server error"}'},
    "responseParameters": {},
}


def check(_chain: object, context: Context, _response: object) -> None:
    """Return if the request may go on to its integration.

    Raises:
        BaseGatewayException: LocalStack's; the handler of gateway responses answers.
    """
    # LocalStack writes a form anew, as it would have sent it.
    context.invocation_request["body"] = context.request.get_data()
    variables = context.context_variables
    at = datetime.fromtimestamp(variables["requestTimeEpoch"] / 1000, UTC)
    variables["requestTime"] = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
    if len(context.invocation_request["body"]) > MOST_BYTES:
        raise says.RequestTooLargeError("Request Too Long")
    callers.ask_policy(context)
    kind = context.resource_method["authorizationType"]
    if kind == "AWS_IAM":
        callers.authorize(context)
    elif kind != "NONE":
        authorizers.authorize(context)
    limits.count(context)
    _validate(context)
    _fail_undeclared(context)


def _validate(context: Context) -> None:
    method, asked = context.resource_method, context.invocation_request
    api = context.deployment.rest_api
    validator = api.validators.get(method.get("requestValidatorId") or "") or {}
    # LocalStack's own validation, which lets blank parameters pass and reads every body
    # by the model for JSON, is told that there is no validator.
    context.resource_method = {**method, "requestValidatorId": None}
    missing = ", ".join(_missing(method.get("requestParameters") or {}, asked))
    if missing and validator.get("validateRequestParameters"):
        raise says.BadRequestParametersError(
            f"Missing required request parameters: [{missing}]"
        )
    kind = (asked["headers"].get("Content-Type") or _JSON).partition(";")[0].strip()
    models = method.get("requestModels") or {}
    # What is of a type without a model is not validated.
    model = models.get(kind, models.get("$default"))
    if model and validator.get("validateRequestBody"):
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
        schema = ModelResolver(api, model).get_resolved_model()
        try:
            jsonschema.Draft4Validator(schema).validate(
                json.loads(asked["body"] or b"{}")
            )
        except (jsonschema.ValidationError, ValueError) as error:
            raise says.BadRequestBodyError("Invalid request body") from error


def _fail_undeclared(context: Context) -> None:
    """Have an answer fail whose status the method does not declare.

    https://dev.classmethod.jp/articles/tsnote-output-mapping-refers-to-an-invalid-method-response-200/
    """
    mapped = context.integration.get("integrationResponses") or {}
    declared = context.resource_method.get("methodResponses") or {}
    if not mapped or not all(map(str.isdigit, declared)):  # "default", of OpenAPI
        return
    answers = {
        key: one if str(one["statusCode"]) in declared else {**one, **_UNDECLARED}
        for key, one in mapped.items()
    }
    context.integration = {**context.integration, "integrationResponses": answers}


def _missing(parameters: Mapping[str, bool], asked: Mapping[str, Any]) -> Iterator[str]:
    held = {
        "header": asked["headers"],
        "path": asked["path_parameters"],
        "querystring": asked["query_string_parameters"],
    }
    for full in sorted(name for name, required in parameters.items() if required):
        place, _, name = full.removeprefix("method.request.").partition(".")
        if place in held and not (held[place].get(name) or "").strip():
            yield name
