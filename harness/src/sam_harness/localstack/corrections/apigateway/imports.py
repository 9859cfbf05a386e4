"""What LocalStack leaves out of an OpenAPI document that it imports.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localstack.aws.api.apigateway import BadRequestException
from localstack.services.apigateway.helpers import OpenAPIExt, get_apigateway_store
from localstack.services.apigateway.legacy import provider
from localstack.services.apigateway.next_gen.execute_api import gateway_response

type Document = Mapping[str, Any]
type Api = Any  # LocalStack is untyped

_OWN_AUTH = "x-amazon-apigateway-auth"
_ASKED = {"", "token", "request"}


def install() -> None:
    """Import gateway responses and IAM, too; refuse authorisers that are not asked."""

    def import_api(
        rest_api: Api, context: Api, open_api_spec: Api, mode: str
    ) -> object:
        schemes = open_api_spec.get("components", {}).get("securitySchemes", {})
        schemes = open_api_spec.get("securityDefinitions") or schemes
        _refuse(schemes)
        imported = original(rest_api, context, open_api_spec, mode)
        api = get_apigateway_store(context=context).rest_apis[rest_api.id]
        _import_responses(api, open_api_spec)
        methods = {
            (resource.get_path(), verb): method
            for resource in rest_api.resources.values()
            for verb, method in resource.resource_methods.items()
        }
        for path, verb in _signed(open_api_spec, schemes):
            if (path, verb) not in methods:
                raise BadRequestException(f"{verb} {path} asks for IAM and is not read")
            methods[path, verb].authorization_type = "AWS_IAM"
        return imported

    original = provider.import_api_from_openapi_spec
    provider.import_api_from_openapi_spec = import_api


def _refuse(schemes: Document) -> None:
    for name, scheme in schemes.items():
        kind = scheme.get(OpenAPIExt.AUTHORIZER, {}).get("type", "").lower()
        if kind not in _ASKED:
            raise BadRequestException(
                f"Authorizer {name} is of type {kind}, which this emulator cannot ask "
                "(it can: token, request, and AWS_IAM). Its methods would be open."
            )


def _import_responses(api: Api, document: Document) -> None:
    responses = document.get(OpenAPIExt.GATEWAY_RESPONSES, {})
    for kind, response in responses.items():
        status = response.get("statusCode")
        api.gateway_responses[kind] = gateway_response.build_gateway_response(
            response_type=kind,
            status_code=None if status is None else str(status),
            response_parameters=response.get("responseParameters"),
            response_templates=response.get("responseTemplates"),
            default_response=False,
        )


def _signed(document: Document, schemes: Document) -> Iterator[tuple[str, str]]:
    """Yield path and verb of each method that asks for IAM."""
    signed = {
        name
        for name, scheme in schemes.items()
        if scheme.get(OpenAPIExt.AUTHTYPE, "").lower() == "awssigv4"
    }
    for path, item in document.get("paths", {}).items():
        if "$ref" in item:
            raise BadRequestException(f"{path}: a path by $ref is not read here")
        for field, operation in item.items():
            if not isinstance(operation, dict):
                continue
            asked = operation.get("security", document.get("security")) or ()
            own = operation.get(_OWN_AUTH, {}).get("type", "").upper() == "AWS_IAM"
            if own or any(signed & set(one) for one in asked):
                yield path, "ANY" if field == OpenAPIExt.ANY_METHOD else field.upper()
