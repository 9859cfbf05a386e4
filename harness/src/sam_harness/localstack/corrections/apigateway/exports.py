"""Exports of REST APIs: LocalStack's fail at a method ANY, which OpenAPI has not."""

from typing import Any

from apispec import APISpec
from localstack.services.apigateway import exporter

from sam_harness.localstack.corrections.apigateway_rules import ANY


def install() -> None:
    """Export it as API Gateway does.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
    """
    exporter.APISpec = _Document


class _Document(APISpec):  # type: ignore[misc] # untyped
    def path(self, *, operations: dict[str, Any], **rest: Any) -> object:  # noqa: ANN401 - untyped
        """Add a path, or an operation of one."""
        named = {
            ANY if verb == "any" else verb: one for verb, one in operations.items()
        }
        return super().path(operations=named, **rest)
