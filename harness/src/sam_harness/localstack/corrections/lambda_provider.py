"""Lambda's API and function URLs: what AWS refuses, and how a request is carried."""

import json
from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api import CommonServiceException, handler
from localstack.aws.api.lambda_ import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    RequestTooLargeException,
    ResourceConflictException,
    TooManyRequestsException,
)
from localstack.http import Response
from localstack.services.edge import ROUTER
from localstack.services.lambda_ import api_utils
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.services.lambda_.provider import LambdaProvider
from localstack.services.lambda_.urlrouter import FunctionUrlRouter
from localstack.services.sqs.models import sqs_stores

from sam_harness.localstack.corrections import vain
from sam_harness.localstack.corrections.runtime import FORMS

type Untyped = Any  # LocalStack is

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MEGABYTE = 1024 * 1024


# What the mapping of a queue does not have, but that of a stream, and the reverse.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
_OF_OTHERS = {
    "sqs": "BisectBatchOnFunctionError DestinationConfig MaximumRecordAgeInSeconds "
    "MaximumRetryAttempts ParallelizationFactor StartingPosition "
    "TumblingWindowInSeconds",
    "dynamodb": "ScalingConfig",
}
_IN_VAIN = {
    name: f"AWS::Lambda::EventSourceMapping.{name}"
    for name in ("BisectBatchOnFunctionError", "TumblingWindowInSeconds")
}


class Provider(LambdaProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.router = _Router(ROUTER, self.lambda_service)

    @handler("CreateEventSourceMapping", expand=False)  # type: ignore[untyped-decorator] # untyped
    def create_event_source_mapping(
        self, context: Untyped, request: Untyped
    ) -> Untyped:
        """Make a mapping whose function's role may look at its source."""
        try:
            return super().create_event_source_mapping(context, request)
        except ClientError as error:
            if "AccessDenied" not in error.response["Error"]["Code"]:
                raise
            raise InvalidParameterValueException(
                "The provided execution role does not have permissions to call "
                f"{error.operation_name} on SQS: {error.response['Error']['Message']}",
                Type="User",
            ) from error

    def validate_event_source_mapping(
        self, context: Untyped, request: Untyped
    ) -> Untyped:
        """Check a mapping that is to be made or changed."""
        source = str(request.get("EventSourceArn"))
        for name in _OF_OTHERS.get(f"{source}::".split(":")[2], "").split():
            if request.get(name):
                said = f"Unsupported {name} parameter for given event source mapping"
                raise InvalidParameterValueException(f"{said} type", Type="User")
        try:
            vain.check(_IN_VAIN, context.account_id, context.service_request)
        except ValueError as error:
            raise CommonServiceException("InternalFailure", str(error), 501) from None
        if source.endswith(".fifo") and request.get("MaximumBatchingWindowInSeconds"):
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues", Type="User"
            )
        found = super().validate_event_source_mapping(context, request)
        self._check_visibility(context, source, found[1])
        return found

    def _check_visibility(self, context: Untyped, source: str, function: str) -> None:
        """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""
        if ":sqs:" not in source:
            return
        *_, region, account, name = source.split(":")
        hidden = sqs_stores[account][region].queues[name].visibility_timeout
        functions = lambda_stores[context.account_id][context.region].functions
        timeout = functions[function].latest().config.timeout
        if hidden < timeout:
            raise InvalidParameterValueException(
                f"Queue visibility timeout: {hidden} seconds is less than Function "
                f"timeout: {timeout} seconds",
                Type="User",
            )

    def delete_function(
        self,
        context: Untyped,
        function_name: str,
        qualifier: str | None = None,
        **rest: Untyped,
    ) -> object:
        """Keep a version that an alias points to.

        https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
        """
        account, region = api_utils.get_account_and_region(function_name, context)
        asked = api_utils.get_name_and_qualifier(function_name, qualifier, context)
        name, version = asked
        function = lambda_stores[account][region].functions.get(name)
        aliases = [
            one.name
            for one in (function.aliases.values() if function and version else ())
            if version in {one.function_version, *_weighted(one)}
        ]
        if aliases:
            said = "Unable to delete version because the following aliases reference it"
            raise ResourceConflictException(f"{said}: [{', '.join(aliases)}]")
        return super().delete_function(context, function_name, qualifier, **rest)

    def invoke(self, context: Untyped, **asked: Untyped) -> object:
        """Refuse what is too large, or no JSON."""
        stream, kind = asked.pop("payload", None), asked.get("invocation_type")
        payload = stream.read() if stream else b""
        most = _MEGABYTE if kind == "Event" else 6 * _MEGABYTE
        if len(payload) > most:
            raise RequestTooLargeException(
                f"Request must be smaller than {most} bytes for the Invoke operation"
            )
        try:
            json.loads(payload or b"null")
        except ValueError as error:
            raise InvalidRequestContentException(
                f"Could not parse request body into json: {error}", Type="User"
            ) from error
        # Without one the function gets an empty object.
        stream = BytesIO(payload) if payload else None
        return super().invoke(context, payload=stream, **asked)


def _weighted(alias: Untyped) -> Iterable[str]:
    routing = alias.routing_configuration
    return routing.version_weights if routing else ()


class _Router(FunctionUrlRouter):  # type: ignore[misc] # untyped
    """LocalStack's, with cookies, all values of repeated headers, forms as they came.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
    """

    def handle_lambda_url_invocation(
        self, request: Untyped, api_id: str, region: str, **rest: str
    ) -> Untyped:
        """Answer a request to a function URL."""
        inner = FunctionUrlRouter(self.router, _Service(self.lambda_service, request))
        try:
            return inner.handle_lambda_url_invocation(request, api_id, region, **rest)
        except TooManyRequestsException as error:
            said = json.dumps({"Message": error.message})
            return Response(said, 429, mimetype="application/json")


class _Service:
    def __init__(self, service: Untyped, request: Untyped) -> None:
        self._service, self._request = service, request
        self._body = request.get_data()  # before a form is parsed: nothing is left then

    def invoke(self, *, payload: bytes, **call: Untyped) -> Untyped:
        event, sent = json.loads(payload), self._request.headers
        if self._request.mimetype in FORMS:
            body = b64encode(self._body).decode()
            event |= {"body": body, "isBase64Encoded": True}
        for name in {name.lower() for name, _ in sent} & set(event["headers"]):
            event["headers"][name] = ",".join(sent.getlist(name))
        if cookies := sent.getlist("Cookie"):
            event["cookies"] = "; ".join(cookies).split("; ")
        result = self._service.invoke(payload=json.dumps(event).encode(), **call)
        answer = json.loads(result.payload or b"null")
        if isinstance(answer, dict) and (cookies := answer.get("cookies")):
            headers = {**(answer.get("headers") or {}), "Set-Cookie": cookies}
            result.payload = json.dumps({**answer, "headers": headers}).encode()
        return result
