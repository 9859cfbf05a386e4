"""Lambda that refuses what AWS refuses, and what is not emulated."""

import json
import re
from io import BytesIO
from typing import Any

from localstack.aws.api.lambda_ import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    RequestTooLargeException,
)
from localstack.services.edge import ROUTER
from localstack.services.lambda_.provider import LambdaProvider

from sam_harness.localstack.corrections import function_urls

type Untyped = Any  # LocalStack is

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MEGABYTE = 1024 * 1024
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_VARIABLE = re.compile(r"[A-Za-z]\w+", re.ASCII)
_RESERVED = re.compile(
    "_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|"
    "AWS_((DEFAULT_)?REGION|EXECUTION_ENV|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|"
    "SESSION_TOKEN|LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|"
    "LOG_(GROUP|STREAM)_NAME|RUNTIME_API))"
)


class Provider(LambdaProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.router = function_urls.Router(ROUTER, self.lambda_service)

    def validate_event_source_mapping(
        self, context: object, request: Untyped
    ) -> object:
        """Check a mapping that is to be made or changed."""
        fifo = str(request.get("EventSourceArn")).endswith(".fifo")
        if fifo and request.get("MaximumBatchingWindowInSeconds"):
            raise InvalidParameterValueException(
                "Batching window is not supported for FIFO queues", Type="User"
            )
        return super().validate_event_source_mapping(context, request)

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

    def create_function(self, context: Untyped, request: Untyped) -> object:
        """Refuse variables that AWS refuses, and logs that cannot be had."""
        _check(request)
        return super().create_function(context, request)

    def update_function_configuration(
        self, context: Untyped, request: Untyped
    ) -> object:
        """Refuse variables that AWS refuses, and logs that cannot be had."""
        _check(request)
        return super().update_function_configuration(context, request)

    def create_function_url_config(self, context: Untyped, **asked: Untyped) -> object:
        """Refuse a URL that only signed requests may call, or that streams."""
        _check_url(asked)
        return super().create_function_url_config(context, **asked)

    def update_function_url_config(self, context: Untyped, **asked: Untyped) -> object:
        """Refuse a URL that only signed requests may call, or that streams."""
        _check_url(asked)
        return super().update_function_url_config(context, **asked)


def _check(request: Untyped) -> None:
    level = (request.get("LoggingConfig") or {}).get("SystemLogLevel") or "INFO"
    if level != "INFO":
        raise InvalidParameterValueException(
            f"SystemLogLevel {level} cannot be had here, only INFO", Type="User"
        )
    names = (request.get("Environment") or {}).get("Variables") or {}
    for name in names:
        reserved = _RESERVED.fullmatch(name)
        if reserved or not _VARIABLE.fullmatch(name):
            why = "reserved" if reserved else "none of [A-Za-z][A-Za-z0-9_]+"
            raise InvalidParameterValueException(
                f"The name of the environment variable {name} is {why}", Type="User"
            )


def _check_url(asked: Untyped) -> None:
    if asked.get("auth_type") == "AWS_IAM":
        raise InvalidParameterValueException(
            "A function URL of AuthType AWS_IAM cannot be had here: the emulator would "
            "serve every request to it, signed or not",
            Type="User",
        )
    if asked.get("invoke_mode") == "RESPONSE_STREAM":
        raise InvalidParameterValueException(
            "A function URL that streams cannot be had here", Type="User"
        )
