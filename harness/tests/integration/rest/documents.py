"""Documents of OpenAPI, as the tests of imports have them."""

from typing import Any


def document(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - of OpenAPI
    """Return an API with one GET that answers by itself."""
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    method = {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": integration,
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": "api", "version": "1"},
        "paths": {"/it": {"get": method}},
        **more,
    }
