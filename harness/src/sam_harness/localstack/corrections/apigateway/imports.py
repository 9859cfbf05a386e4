"""What LocalStack leaves out of an OpenAPI document that it imports.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Collection, Iterable
from typing import Any

from jsonschema import Draft4Validator, SchemaError
from localstack.aws.api.apigateway import BadRequestException, PutMode
from localstack.services.apigateway.helpers import OpenAPIExt, get_apigateway_store
from localstack.services.apigateway.legacy import provider
from localstack.services.apigateway.next_gen.execute_api import gateway_response

from sam_harness.localstack.corrections import apigateway_rules as rules
from sam_harness.localstack.corrections.apigateway_rules import Document, Operation
from sam_harness.localstack.stacks.proof import PROOF

type Api = Any  # LocalStack is untyped

_OWN_AUTH = "x-amazon-apigateway-auth"
_HEADER = "method.response.header."
_LINK = "AWS::ApiGateway::Method.Integration.ConnectionId"
_SIGNED = "awssigv4"
_OPEN = "NONE"  # SAM's, for a method without its API's default authoriser
_ASKED = {"", "token", "request"}


def install() -> None:
    """Import responses, roles and IAM, too; refuse authorisers that are not asked."""

    def import_api(
        rest_api: Api, context: Api, open_api_spec: Api, mode: str
    ) -> object:
        document, schemes, operations = _read(open_api_spec)
        api = get_apigateway_store(context=context).rest_apis[rest_api.id]
        if mode == PutMode.overwrite:
            _clear(rest_api, api, operations)
        else:
            _refuse_losses(rest_api, operations)
        # LocalStack would fall back on the security of the document; AWS reads none.
        spec = {key: one for key, one in document.items() if key != "security"}
        imported = original(rest_api, context, spec, mode)
        types = [one.replace("~1", "/") for one in rest_api.binaryMediaTypes]
        rest_api.binaryMediaTypes = list(dict.fromkeys(types))
        _import_responses(api, document)
        for *_, operation in operations:
            if operation.get(OpenAPIExt.INTEGRATION, {}).get("connectionId"):
                PROOF.note(context.account_id, _LINK)
        _import_roles(rest_api, schemes, operations)
        return imported

    original = provider.import_api_from_openapi_spec
    provider.import_api_from_openapi_spec = import_api


def _read(told: Any) -> tuple[Document, Document, list[Operation]]:  # noqa: ANN401 - whatever was sent
    """Return a document as it is meant, its security schemes and its operations.

    Raises:
        BadRequestException: API Gateway refuses it, or the emulator cannot keep it.
    """
    if not rules.is_document(told):
        raise BadRequestException("Invalid OpenAPI input.")
    document, models = rules.with_models(told)
    operations = list(rules.operations(document))
    schemes = document.get("components", {}).get("securitySchemes", {})
    schemes = document.get("securityDefinitions") or schemes
    _refuse(schemes)
    for problem in rules.problems(document, models):
        raise BadRequestException(f"Errors found during import: {problem}")
    for name, model in models.items():
        refuse_model(name, model)
    _refuse_what_is_open(document, schemes, operations)
    _refuse_undeclared(operations)
    _refuse_responses(document)
    return document, schemes, operations


def _clear(rest_api: Api, api: Api, operations: Collection[Operation]) -> None:
    """Drop the policy, responses and methods that LocalStack would keep of before.

    https://github.com/aws-amplify/amplify-category-api/pull/764
    https://github.com/pulumi/pulumi-aws/issues/4296
    """
    api.gateway_responses.clear()
    rest_api.policy = None
    if not operations:
        for resource in rest_api.resources.values():
            resource.resource_methods.clear()


def _refuse_losses(rest_api: Api, operations: Collection[Operation]) -> None:
    """LocalStack would drop what a merged document does not name; AWS keeps it."""
    there = {
        (resource.get_path(), verb)
        for resource in rest_api.resources.values()
        for verb in resource.resource_methods
    }
    lost = there - {(path, verb) for path, verb, _ in operations}
    if operations and lost:
        path, verb = min(lost)
        raise BadRequestException(
            f"Merging this document would drop {verb} {path} here, which it does not "
            "name: name it, too, or say the mode overwrite"
        )


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


def refuse_model(name: str, model: Document) -> None:
    """Refuse a model that bodies cannot be validated by."""
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
    """Refuse a header that an integration maps and the method's response has not.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
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


def _refuse_responses(document: Document) -> None:
    named = document.get(OpenAPIExt.GATEWAY_RESPONSES, {}).keys()
    if unknown := named - gateway_response.DEFAULT_GATEWAY_RESPONSES.keys():
        raise BadRequestException(f"There is no gateway response {min(unknown)}")


def _import_responses(api: Api, document: Document) -> None:
    for kind, response in document.get(OpenAPIExt.GATEWAY_RESPONSES, {}).items():
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
        integration = operation.get(OpenAPIExt.INTEGRATION, {})
        role = integration.get("credentials")
        is_signed = _is_signed(operation, schemes)
        if not integration.get("type") and (path, verb) in methods:
            # Its API cannot be deployed.
            methods[path, verb].method_integration = None
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
