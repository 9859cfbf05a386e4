"""What API Gateway refuses itself, it answers as the API's document says."""

import json
from typing import Any

import boto3
import requests

from sam_harness.emulator.emulator import Emulator

TEMPLATE = (
    '{"title":$context.error.messageString,"status":$context.status,'
    '"path":"$context.path","id":"$context.requestId","none":"$context.nothing.at.all",'
    '"kind":"$context.error.responseType","stage":"$stageVariables.where",'
    '"invalid":"$context.error.validationErrorString"}'
)
PROBLEM = {
    "responseParameters": {
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.X-Path": "method.request.path.proxy",
    },
    "responseTemplates": {"application/json": TEMPLATE},
}


def api_with(session: boto3.Session, responses: dict[str, Any]) -> str:
    """Return the path of a REST API with one GET, which needs a key."""
    document = {
        "openapi": "3.0.1",
        "info": {"title": "gateway responses", "version": "1"},
        "paths": {
            "/kept": {
                "get": {
                    "security": [{"api_key": []}],
                    "responses": {},
                    "x-amazon-apigateway-integration": {
                        "type": "mock",
                        "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {
                "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}
            }
        },
        "x-amazon-apigateway-gateway-responses": responses,
    }
    client = session.client("apigateway")
    api = client.import_rest_api(body=json.dumps(document).encode())
    client.create_deployment(
        restApiId=api["id"], stageName="test", variables={"where": "here"}
    )
    return f"/_aws/execute-api/{api['id']}/test"


def test_a_refusal_has_the_wanted_body_and_headers(
    session: boto3.Session, emulator: Emulator
) -> None:
    """The default for all 4xx, and another one for a kind that has its own."""
    own = {"statusCode": "404", "responseTemplates": {"application/json": "{}"}}
    api = api_with(
        session, {"DEFAULT_4XX": PROBLEM, "MISSING_AUTHENTICATION_TOKEN": own}
    )

    refused = requests.get(f"{emulator.endpoint_url}{api}/kept", timeout=30)
    unknown = requests.get(f"{emulator.endpoint_url}{api}/other", timeout=30)

    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "X-Path" not in refused.headers
    problem = refused.json()
    assert problem.pop("id")
    assert problem == {
        "title": "Forbidden", "status": 403, "path": "/test/kept", "none": "",
        "kind": "INVALID_API_KEY", "stage": "here", "invalid": "",
    }  # fmt: skip
    assert (unknown.status_code, unknown.text) == (404, "{}")
    assert unknown.headers["Content-Type"] == "application/json"


def test_a_header_of_a_refusal_is_what_it_is_mapped_to(
    session: boto3.Session, emulator: Emulator
) -> None:
    """A text, what was asked, or a variable; left out where there is none.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    mapped = {
        "Text": "'a text'",
        "Header": "method.request.header.x-asked",
        "Query": "method.request.querystring.asked",
        "Context": "context.identity.sourceIp",
        "Stage": "stageVariables.where",
        "None": "method.request.header.x-none",
        "Lines": "method.request.querystring.lines",
    }
    named = {f"gatewayresponse.header.X-{name}": to for name, to in mapped.items()}
    api = api_with(session, {"DEFAULT_4XX": {"responseParameters": named}})

    refused = requests.get(
        f"{emulator.endpoint_url}{api}/kept",
        params={"asked": "q", "lines": "a\nX-Made: up"},
        headers={"X-Asked": "h"},
        timeout=30,
    )

    assert refused.status_code == 403
    seen = {name: refused.headers.get(f"X-{name}") for name in (*mapped, "Made")}
    assert seen.pop("Context")
    assert seen == {
        "Text": "a text", "Header": "h", "Query": "q", "Stage": "here",
        "None": None, "Lines": None, "Made": None,
    }  # fmt: skip


def test_an_api_without_responses_answers_in_api_gateways_words(
    session: boto3.Session, emulator: Emulator
) -> None:
    """As before."""
    api = api_with(session, {})

    refused = requests.get(f"{emulator.endpoint_url}{api}/kept", timeout=30)

    assert refused.status_code == 403
    assert refused.json() == {"message": "Forbidden"}
