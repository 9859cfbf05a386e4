"""APIs from OpenAPI documents: their policies, updates, and what is refused."""

import json
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.templates import artefact
from harness.tests.integration.rest.conftest import Api
from harness.tests.integration.rest.documents import document
from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator import unproven
from sam_harness.emulator.emulator import Emulator
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact


@pytest.mark.parametrize(
    ("effect", "condition", "status"),
    [
        ("Allow", {}, 200),
        ("Deny", {}, 403),
        ("Allow", {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, 200),
        ("Allow", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, 403),
    ],
)
def test_a_resource_policy_is_kept(
    api: Api, effect: str, condition: dict[str, object], status: int
) -> None:
    """What it does not allow is denied."""
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/live/GET/it",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client = api.session.client("apigateway")
    body = json.dumps(document(**{"x-amazon-apigateway-policy": policy}))
    made = client.import_rest_api(body=body.encode())
    client.create_deployment(restApiId=made["id"], stageName="live")

    answer = requests.get(
        f"{api.endpoint}/_aws/execute-api/{made['id']}/live/it", timeout=30
    )

    assert answer.status_code == status, answer.text


def test_an_integration_is_waited_for_as_long_as_it_says(
    api: Api, emulator: Emulator
) -> None:
    """Then API Gateway answers 504; nothing else does here."""
    asked = document()
    with socket.create_server((emulator.listen_address, 0)) as silent:
        address = f"{emulator.host_address}:{silent.getsockname()[1]}"
        asked["paths"]["/it"]["get"]["x-amazon-apigateway-integration"] = {
            "type": "http_proxy",
            "httpMethod": "GET",
            "uri": f"http://{address}/",
            "timeoutInMillis": 50,
        }
        client = api.session.client("apigateway")
        made = client.import_rest_api(body=json.dumps(asked).encode())
        client.create_deployment(restApiId=made["id"], stageName="live")

        answer = requests.get(
            f"{api.endpoint}/_aws/execute-api/{made['id']}/live/it", timeout=5
        )

    assert answer.status_code == 504
    assert answer.json() == {"message": "Endpoint request timed out"}


def integrate(client: Any) -> None:  # noqa: ANN401 - boto3's
    """Make a method that is answered through a link to a VPC."""
    api = client.create_rest_api(name="linked")
    method: Any = {"restApiId": api["id"], "resourceId": api["rootResourceId"]}
    method["httpMethod"] = "GET"
    client.put_method(authorizationType="NONE", **method)
    client.put_integration(
        type="HTTP_PROXY",
        integrationHttpMethod="GET",
        uri="http://127.0.0.1/",
        connectionType="VPC_LINK",
        connectionId="link",
        **method,
    )


def test_that_no_link_is_used_is_listed(
    api: Api, emulator: Emulator, account_id: str
) -> None:
    """What a document, or a call, asks for through a link to a VPC is called directly.

    Of the call in an account that has no document.
    """
    asked, name = document(), "AWS::ApiGateway::Method.Integration.ConnectionId"
    other = f"{int(account_id) + 5 * 10**11:012}"
    integrate(emulator.session(other).client("apigateway"))
    called = unproven.lines(emulator.endpoint_url, other)
    assert [line for line in called if line.startswith(name)]
    asked["paths"]["/it"]["get"]["x-amazon-apigateway-integration"] = {
        "type": "http_proxy",
        "httpMethod": "GET",
        "uri": "http://127.0.0.1/",
        "connectionType": "VPC_LINK",
        "connectionId": "link",
    }

    api.session.client("apigateway").import_rest_api(body=json.dumps(asked).encode())

    lines = unproven.lines(emulator.endpoint_url, account_id)
    assert [line for line in lines if line.startswith(name)]


def test_a_model_that_is_no_schema_of_draft_4_is_refused(
    api: Api, account_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a document, and as a resource; a request could not be validated by it."""
    model = {"type": "object", "properties": {"n": {"exclusiveMinimum": 0}}}
    asked = document(components={"schemas": {"Order": model}})
    rest_api = {"Ref": "Api"}
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "models"}},
        "Order": {
            "Type": "AWS::ApiGateway::Model",
            "Properties": {"RestApiId": rest_api, "Schema": model},
        },
    }
    monkeypatch.setattr("sam_harness.deploying.deploy.check", lambda _: None)

    with pytest.raises(ClientError, match="Order is no JSON schema of draft 4"):
        api.session.client("apigateway").import_rest_api(
            body=json.dumps(asked).encode()
        )
    with pytest.raises(HarnessError, match="Order is no JSON schema of draft 4"):
        Deployer(api.session, account_id).deploy(
            artefact(tmp_path, resources), f"models-{uuid4().hex[:8]}", {}
        )


def test_a_header_that_the_response_does_not_declare_is_refused(
    api: Api, account_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an integration maps it; in a document, and as a resource.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
    """
    mapped = {"method.response.header.X-A": "'a'"}
    asked = document()
    integration = asked["paths"]["/it"]["get"]["x-amazon-apigateway-integration"]
    integration["responses"]["default"]["responseParameters"] = mapped
    method = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": {
            "Type": "MOCK",
            "IntegrationResponses": [{"StatusCode": 200, "ResponseParameters": mapped}],
        },
        "MethodResponses": [{"StatusCode": 200}],
    }
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "headers"}},
        "Get": {"Type": "AWS::ApiGateway::Method", "Properties": method},
    }
    monkeypatch.setattr("sam_harness.deploying.deploy.check", lambda _: None)

    with pytest.raises(ClientError, match=r"GET /it: .*does not declare .*X-A"):
        api.session.client("apigateway").import_rest_api(
            body=json.dumps(asked).encode()
        )
    with pytest.raises(HarnessError, match=r"Get: .*does not declare .*X-A"):
        Deployer(api.session, account_id).deploy(
            artefact(tmp_path, resources), f"headers-{uuid4().hex[:8]}", {}
        )


def one_method(folder: Path, path: str, rate: int) -> Artefact:
    """Return a stack of one mock method."""
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::Api",
                "Properties": {
                    "StageName": "live",
                    "DefinitionBody": {
                        **document(),
                        "paths": {path: document()["paths"]["/it"]},
                    },
                    "MethodSettings": [
                        {
                            "ResourcePath": "/*",
                            "HttpMethod": "*",
                            "ThrottlingRateLimit": rate,
                            "ThrottlingBurstLimit": rate,
                        }
                    ],
                },
            }
        },
        "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
    }
    (folder / "template.yaml").write_text(json.dumps(template))
    return Artefact(path.strip("/"), folder / "template.yaml")


def test_an_update_of_an_api_goes_live(
    api: Api, account_id: str, tmp_path: Path
) -> None:
    """Its paths, and the settings of its stage, at the same URL."""
    deployer, name = Deployer(api.session, account_id), f"update-{uuid4().hex[:8]}"

    def deploy(path: str, rate: int) -> str:
        deployed = deployer.deploy(one_method(tmp_path, path, rate), name, {})
        return f"{api.endpoint}/_aws/execute-api/{deployed.outputs['Api']}/live"

    before = deploy("/one", 100)
    first = requests.get(f"{before}/one", timeout=30)
    after = deploy("/two", 100)
    second = [requests.get(f"{after}{path}", timeout=30) for path in ("/one", "/two")]
    deploy("/two", 0)
    third = requests.get(f"{after}/two", timeout=30)

    assert before == after
    assert first.status_code == 200
    assert [answer.status_code for answer in second] == [403, 200]
    assert third.status_code == 429


@pytest.mark.parametrize(
    ("mode", "types"),
    [
        ({}, ["image/gif", "image/jpeg", "image/png"]),
        ({"Mode": "merge"}, ["image/gif", "image/jpeg", "image/png"]),
        ({"Mode": "overwrite"}, ["image/gif"]),
    ],
)
def test_what_the_template_says_beside_a_document_holds_after_an_update(
    api: Api,
    account_id: str,
    tmp_path: Path,
    mode: dict[str, str],
    types: list[str],
) -> None:
    """Unless the document is to replace all of it."""
    media = "x-amazon-apigateway-binary-media-types"
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
    }
    deployer, stack = Deployer(api.session, account_id), f"beside-{uuid4().hex[:8]}"
    client: Any = api.session.client("apigateway")

    def deploy(title: str, *told: str) -> dict[str, Any]:
        body = document(**{media: told}, info={"title": title, "version": "1"})
        properties = {
            "Name": f"{stack}-{title}",
            **({"Description": title} if told else {}),
            "Body": body,
            "BinaryMediaTypes": ["image~1png"],
            "Policy": {"Version": "2012-10-17", "Statement": [statement]},
            **mode,
        }
        resource = {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}
        made = deployer.deploy(artefact(tmp_path, {"Api": resource}), stack, {})
        return dict(client.get_rest_api(restApiId=made.resources["Api"]))

    before = deploy("one", "image/png", "image/jpeg")
    after = deploy("two", "image/gif")
    gone = deploy("three")

    for told, title in ((before, "one"), (after, "two")):
        assert (told["name"], told["description"]) == (f"{stack}-{title}", title)

    assert gone.get("description") is None
    assert sorted(after["binaryMediaTypes"]) == types
    assert ("policy" in after) == (mode != {"Mode": "overwrite"})
