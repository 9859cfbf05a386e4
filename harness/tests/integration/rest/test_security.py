"""What of a document's security is asked, and what would leave a method open."""

import json
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from harness.tests.integration.rest.conftest import Api
from harness.tests.integration.rest.documents import document


def scheme(**authoriser: Any) -> dict[str, Any]:  # noqa: ANN401 - of OpenAPI
    """Return a security scheme of API Gateway's."""
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        **{f"x-amazon-apigateway-{name}": value for name, value in authoriser.items()},
    }


POOL = {
    "type": "cognito_user_pools",
    "providerARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"],
}
SIGV4 = scheme(authtype="awsSigv4")


@pytest.mark.parametrize(
    ("schemes", "of_document", "of_method", "said"),
    [
        ({"Pool": scheme(authorizer=POOL)}, [], [], "Pool is of type cognito"),
        ({"Pool": scheme(authtype="cognito_user_pools")}, [], [], "is of type cognito"),
        ({"Own": scheme(authorizer={"type": "jwt"})}, [], [], "Own is of type jwt"),
        ({}, [], [{"Missing": []}], "GET /it: no scheme Missing"),
        ({"Iam": SIGV4}, [{"Iam": []}], None, "GET /it would be open on AWS"),
    ],
)
def test_methods_that_nothing_would_ask_are_refused_at_the_deployment(
    api: Api,
    schemes: dict[str, object],
    of_document: list[object],
    of_method: list[object] | None,
    said: str,
) -> None:
    """What is not emulated, or not defined, or not read by AWS, would be open."""
    asked = document(components={"securitySchemes": schemes}, security=of_document)
    if of_method is not None:
        asked["paths"]["/it"]["get"]["security"] = of_method

    with pytest.raises(ClientError, match=said):
        api.session.client("apigateway").import_rest_api(
            body=json.dumps(asked).encode()
        )


ASKED = {
    "type": "token",
    "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f",
}


def test_a_method_that_opts_out_of_the_default_authoriser_is_open(api: Api) -> None:
    """SAM writes NONE for it, and a scheme of that name nowhere."""
    asked = document(components={"securitySchemes": {"Own": scheme(authorizer=ASKED)}})
    method = asked["paths"]["/it"]["get"]
    asked["paths"] = {
        "/shut": {"get": {**method, "security": [{"Own": []}]}},
        "/open": {"get": {**method, "security": [{"NONE": []}]}},
    }
    client = api.session.client("apigateway")

    made = client.import_rest_api(body=json.dumps(asked).encode())
    client.create_deployment(restApiId=made["id"], stageName="live")

    stage = f"{api.endpoint}/_aws/execute-api/{made['id']}/live"
    assert requests.get(f"{stage}/open", timeout=30).status_code == 200
    assert requests.get(f"{stage}/shut", timeout=30).status_code == 401


def test_the_security_of_the_document_asks_nothing_of_an_open_method(api: Api) -> None:
    """Where the method says so, or is OPTIONS: AWS reads what the operation has."""
    own = {"Own": scheme(authorizer=ASKED)}
    asked = document(components={"securitySchemes": own}, security=[{"Own": []}])
    methods = asked["paths"]["/it"]
    methods["options"] = methods["get"]
    methods["get"] = {**methods["get"], "security": []}
    client = api.session.client("apigateway")

    made = client.import_rest_api(body=json.dumps(asked).encode())
    client.create_deployment(restApiId=made["id"], stageName="live")

    url = f"{api.endpoint}/_aws/execute-api/{made['id']}/live/it"
    assert requests.get(url, timeout=30).status_code == 200
    assert requests.options(url, timeout=30).status_code == 200


def test_security_that_is_no_business_of_aws_is_no_obstacle(api: Api) -> None:
    """A bearer token that the function itself reads."""
    schemes = {"Bearer": {"type": "http", "scheme": "bearer"}}
    asked = document(components={"securitySchemes": schemes}, security=[{"Bearer": []}])

    assert api.session.client("apigateway").import_rest_api(
        body=json.dumps(asked).encode()
    )["id"]
