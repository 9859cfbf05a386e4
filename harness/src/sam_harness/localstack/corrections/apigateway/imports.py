"""What LocalStack leaves out of an OpenAPI document that it imports.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft4Validator, SchemaError
from localstack.aws.api.apigateway import BadRequestException
from localstack.services.apigateway.helpers import OpenAPIExt, get_apigateway_store
from localstack.services.apigateway.legacy import provider
from localstack.services.apigateway.next_gen.execute_api import gateway_response

from sam_harness.localstack.corrections.api_paths import check_paths

type Document = Mapping[str, Any]
type Operation = tuple[str, str, Document]
type Api = Any  # LocalStack is untyped

_OWN_AUTH = "x-amazon-apigateway-auth"
_HEADER = "method.response.header."
_SIGNED = "awssigv4"
_OPEN = "NONE"  # SAM's, for a method without its API's default authoriser
_ASKED = {"", "token", "request"}


def install() -> None:
    """Import responses, roles and IAM, too; refuse authorisers that are not asked."""

    def import_api(
        rest_api: Api, context: Api, open_api_spec: Api, mode: str
    ) -> object:
        schemes = open_api_spec.get("components", {}).get("securitySchemes", {})
        schemes = open_api_spec.get("securityDefinitions") or schemes
        operations = list(_operations(open_api_spec))
        _refuse(schemes)
        try:
            check_paths(open_api_spec.get("paths", {}))
        except ValueError as error:
            raise BadRequestException(str(error)) from None
        _refuse_models(open_api_spec)
        _refuse_what_is_open(open_api_spec, schemes, operations)
        _refuse_undeclared(operations)
        # LocalStack would fall back on the security of the document; AWS reads none.
        spec = {key: one for key, one in open_api_spec.items() if key != "security"}
        imported = original(rest_api, context, spec, mode)
        api = get_apigateway_store(context=context).rest_apis[rest_api.id]
        _import_responses(api, open_api_spec)
        _import_roles(rest_api, schemes, operations)
        return imported

    original = provider.import_api_from_openapi_spec
    provider.import_api_from_openapi_spec = import_api


def _refuse(schemes: Document) -> None:
    for name, scheme in schemes.items():
        kind = scheme.get(OpenAPIExt.AUTHORIZER, {}).get("type", "").lower()
        own = _authtype(scheme) if OpenAPIExt.AUTHORIZER not in scheme else ""
        if kind not in _ASKED or own not in {"", _SIGNED}:
            raise BadRequestException(
                f"Authorizer {name} is of type {kind or own}, which this emulator "
                "cannot ask (it can: token, request, and AWS_IAM). Its methods would "
                "be open."
            )


def _refuse_models(document: Document) -> None:
    models = document.get("components", {}).get("schemas", {})
    for name, model in (document.get("definitions") or models).items():
        refuse_model(name, model)


def refuse_model(name: str, model: Document) -> None:
    """Return if a model is one that bodies can be validated by.

    Raises:
        BadRequestException: it is not.

    """
    try:
        Draft4Validator.check_schema(model)
    except SchemaError as error:
        raise BadRequestException(
            f"Invalid model schema specified: {name} is no JSON schema of draft 4: "
            f"{error.json_path}: {error.message}"
        ) from None


def _refuse_undeclared(operations: Iterable[Operation]) -> None:
    for path, verb, operation in operations:
        responses = operation.get("responses", {})
        declared = {str(status): one for status, one in responses.items()}
        integration = operation.get(OpenAPIExt.INTEGRATION, {})
        for made in integration.get("responses", {}).values():
            response = declared.get(str(made.get("statusCode")), {})
            if "$ref" not in response:
                headers = [f"{_HEADER}{name}" for name in response.get("headers", {})]
                mapped = made.get("responseParameters", {})
                refuse_undeclared(f"{verb} {path}", mapped, headers)


def refuse_undeclared(
    where: str, mapped: Iterable[str], declared: Iterable[str]
) -> None:
    """Return if every header that an integration maps is one of the method's response.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html

    Raises:
        BadRequestException: one is not.

    """
    known = {name.lower() for name in declared}
    for name in mapped:
        if name.startswith(_HEADER) and name.lower() not in known:
            raise BadRequestException(
                f"Invalid mapping expression specified: {where}: the method's response "
                f"does not declare {name}"
            )


def _refuse_what_is_open(
    document: Document, schemes: Document, operations: Iterable[Operation]
) -> None:
    # https://github.com/amazon-archives/aws-apigateway-importer/issues/204
    of_all = any(_means_something(schemes.get(name, {})) for name in _names(document))
    for path, verb, operation in operations:
        # A browser asks by OPTIONS before it signs anything.
        if of_all and "security" not in operation and verb != "OPTIONS":
            raise BadRequestException(
                f"{verb} {path} would be open on AWS: API Gateway reads the security "
                "of each operation, not that of the whole document. Repeat it in the "
                "operation, or say there that it is open: security: []"
            )
        if unknown := _names(operation) - {*schemes, _OPEN}:
            raise BadRequestException(f"{verb} {path}: no scheme {min(unknown)}")


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


def _import_roles(
    rest_api: Api, schemes: Document, operations: Iterable[Operation]
) -> None:
    """Import what methods ask for IAM, and as which role integrations call."""
    methods = {
        (resource.get_path(), verb): method
        for resource in rest_api.resources.values()
        for verb, method in resource.resource_methods.items()
    }
    for path, verb, operation in operations:
        role = operation.get(OpenAPIExt.INTEGRATION, {}).get("credentials")
        is_signed = _is_signed(operation, schemes)
        if not (role or is_signed):
            continue
        if (path, verb) not in methods:
            raise BadRequestException(
                f"{verb} {path} asks for IAM or names a role, and is not read"
            )
        method = methods[path, verb]
        if role:
            method.method_integration.credentials = role
        if is_signed:
            method.authorization_type = "AWS_IAM"


def _operations(document: Document) -> Iterator[Operation]:
    """Yield path, verb and fields of each operation."""
    for path, item in document.get("paths", {}).items():
        if "$ref" in item:
            raise BadRequestException(f"{path}: a path by $ref is not read here")
        for field, operation in item.items():
            if isinstance(operation, dict):
                verb = "ANY" if field == OpenAPIExt.ANY_METHOD else field.upper()
                yield path, verb, operation


def _is_signed(operation: Document, schemes: Document) -> bool:
    own = operation.get(_OWN_AUTH, {}).get("type", "").upper() == "AWS_IAM"
    asked = [schemes.get(name, {}) for name in _names(operation)]
    return own or any(_authtype(scheme) == _SIGNED for scheme in asked)


def _names(asked: Document) -> set[str]:
    return {name for one in asked.get("security") or () for name in one}


def _means_something(scheme: Document) -> bool:
    is_key = str(scheme.get("name")).lower() == "x-api-key"
    return is_key or OpenAPIExt.AUTHORIZER in scheme or OpenAPIExt.AUTHTYPE in scheme


def _authtype(scheme: Document) -> str:
    return str(scheme.get(OpenAPIExt.AUTHTYPE, "")).lower()
