"""APIs from OpenAPI documents: what is deployed of them, and what an update takes."""

import json
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from harness.tests.integration.rest.conftest import Api
from harness.tests.integration.rest.documents import document

type Document = dict[str, Any]

INTEGRATION = "x-amazon-apigateway-integration"
VALIDATOR = "x-amazon-apigateway-request-validator"
RESPONSES = "x-amazon-apigateway-gateway-responses"
NOT_FOUND = {"MISSING_AUTHENTICATION_TOKEN": {"statusCode": "404"}}


def mock(**more: Any) -> Document:  # noqa: ANN401 - of OpenAPI
    """Return a method that answers by itself."""
    method: Document = document()["paths"]["/it"]["get"]
    return {**method, **more}


def policy(effect: str) -> Document:
    """Return a policy that allows every call of an API, or denies it."""
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    }
    stated = {"Version": "2012-10-17", "Statement": [statement]}
    return {"x-amazon-apigateway-policy": stated}


class Imported:
    """An API that is imported, and imported anew."""

    def __init__(self, api: Api, first: Document) -> None:
        self._client: Any = api.session.client("apigateway")
        made = self._client.import_rest_api(body=json.dumps(first).encode())
        self._id = made["id"]
        self._url = f"{api.endpoint}/_aws/execute-api/{self._id}/live"

    def change(self, other: Document, mode: str = "overwrite") -> None:
        """Put another document in its place, or merge it."""
        body = json.dumps(other).encode()
        self._client.put_rest_api(restApiId=self._id, mode=mode, body=body)

    def deploy(self) -> None:
        """Deploy it as it is."""
        self._client.create_deployment(restApiId=self._id, stageName="live")

    def status(self, path: str, verb: str = "GET", **options: Any) -> int:  # noqa: ANN401 - of requests
        """Return what is answered."""
        url = f"{self._url}{path}"
        return requests.request(verb, url, timeout=30, **options).status_code


def test_a_gateway_response_goes_with_the_document_that_had_it(api: Api) -> None:
    """As on AWS: https://github.com/aws-amplify/amplify-category-api/pull/764."""
    imported = Imported(api, document(**{RESPONSES: NOT_FOUND}))
    imported.deploy()
    before = imported.status("/none")

    imported.change(document())
    imported.deploy()

    assert (before, imported.status("/none")) == (404, 403)


def test_a_policy_goes_with_the_document_that_had_it(api: Api) -> None:
    """As on AWS: https://github.com/pulumi/pulumi-aws/issues/4296."""
    imported = Imported(api, document(**policy("Deny")))
    imported.deploy()
    before = imported.status("/it")

    imported.change(document())
    imported.deploy()

    assert (before, imported.status("/it")) == (403, 200)


def test_what_a_merged_document_does_not_say_stays(api: Api) -> None:
    """Gateway responses, methods, the policy."""
    responses = {**NOT_FOUND, "ACCESS_DENIED": {"statusCode": "418"}}
    imported = Imported(api, document(**{RESPONSES: responses}, **policy("Deny")))

    imported.change(document(paths={}), "merge")
    imported.deploy()

    assert (imported.status("/it"), imported.status("/none")) == (418, 404)


def test_a_merged_document_that_would_lose_a_path_is_refused(api: Api) -> None:
    """AWS keeps it, LocalStack does not."""
    imported = Imported(api, document())

    with pytest.raises(ClientError, match="would drop GET /it here"):
        imported.change(document(paths={"/other": {"get": mock()}}), "merge")


def test_a_document_that_is_refused_changes_nothing(api: Api) -> None:
    """The policy of the one before it holds."""
    imported = Imported(api, document(**policy("Deny")))

    with pytest.raises(ClientError, match="There is no gateway response"):
        imported.change(document(**{RESPONSES: {"NOPE": {}}}))
    imported.deploy()

    assert imported.status("/it") == 403


def test_a_policy_waits_for_the_next_deployment(api: Api) -> None:
    """As all of an API does."""
    imported = Imported(api, document(**policy("Deny")))
    imported.deploy()

    imported.change(document(**policy("Allow")))
    before = imported.status("/it")
    imported.deploy()

    assert (before, imported.status("/it")) == (403, 200)


def test_an_api_that_lost_its_last_path_cannot_be_deployed(api: Api) -> None:
    """Nor does the old one answer anew."""
    imported = Imported(api, document())

    imported.change(document(paths={}))

    with pytest.raises(ClientError, match="doesn't contain any methods"):
        imported.deploy()


def test_a_method_without_an_integration_cannot_be_deployed(api: Api) -> None:
    """https://github.com/aws/serverless-application-model/issues/54."""
    method = {"responses": {"200": {"description": "ok"}}}
    imported = Imported(api, document(paths={"/it": {"get": method}}))

    with pytest.raises(ClientError, match="No integration defined for method"):
        imported.deploy()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"paths": {"it": {}}}, "it: a path begins with /"),
        ({"paths": {"/{a}": {}, "/{b}/c": {}}}, r"/\{b\}/c: A sibling"),
        ({"components": {"schemas": {"body_1": {}}}}, "must be alphanumeric: body_1"),
        ({RESPONSES: {"NOT_FOUND": {}}}, "There is no gateway response NOT_FOUND"),
    ],
)
def test_a_document_that_api_gateway_refuses_is_refused(
    api: Api, asked: Document, said: str
) -> None:
    """All of it: tests/unit/localstack/test_apigateway_rules.py."""
    with pytest.raises(ClientError, match=said):
        Imported(api, document(**asked))


def test_a_body_is_validated_by_a_schema_without_a_name(api: Api) -> None:
    """LocalStack would validate by models with a name only."""
    schema = {"type": "object", "required": ["id"]}
    body = {"content": {"application/json": {"schema": schema}}}
    validators = {"all": {"validateRequestBody": True}}
    method = mock(requestBody=body, **{VALIDATOR: "all"})
    asked = document(paths={"/it": {"post": method}}, **{f"{VALIDATOR}s": validators})
    imported = Imported(api, asked)
    imported.deploy()

    assert imported.status("/it", "POST", json={}) == 400
    assert imported.status("/it", "POST", json={"id": 1}) == 200


def test_a_status_that_the_method_does_not_declare_is_an_error(api: Api) -> None:
    """It is deployed all the same."""
    asked = document(paths={"/it": {"get": mock(responses={})}})
    imported = Imported(api, asked)
    imported.deploy()

    assert imported.status("/it") == 500
