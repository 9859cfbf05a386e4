"""An API that calls a service itself: the role of its integration decides."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import requests

from harness.tests.integration.gate.resources import Queue, Resources
from harness.tests.integration.gate.roles import Role, Roles, client, document, unique
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")


@pytest.fixture
def queue(resources: Resources) -> Queue:
    """Return a queue."""
    return resources.queue()


@pytest.fixture
def role(roles: Roles) -> Role:
    """Return a role without permissions that API Gateway may assume."""
    return roles.make({"Service": "apigateway.amazonaws.com"})


type Deploy = Callable[[dict[str, Any]], str]


def by_calls(apigateway: Any, integration: dict[str, Any]) -> str:  # noqa: ANN401 - boto3's
    """Make an API whose root has an integration; return its id."""
    api = apigateway.create_rest_api(name=unique("api"))
    method: dict[str, Any] = {
        "restApiId": api["id"],
        "resourceId": api["rootResourceId"],
        "httpMethod": "POST",
    }
    apigateway.put_method(**method, authorizationType="NONE")
    verb = integration.pop("httpMethod")
    apigateway.put_integration(**method, integrationHttpMethod=verb, **integration)
    apigateway.put_method_response(**method, statusCode="200")
    apigateway.put_integration_response(**method, statusCode="200")
    return str(api["id"])


def by_document(apigateway: Any, integration: dict[str, Any]) -> str:  # noqa: ANN401 - as above
    """Do the same with an OpenAPI document, as SAM does."""
    answers = {"default": {"statusCode": "200"}}
    post = {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": {**integration, "responses": answers},
    }
    told = {"openapi": "3.0.1", "info": {"title": "a"}, "paths": {"/": {"post": post}}}
    return str(apigateway.import_rest_api(body=json.dumps(told).encode())["id"])


@pytest.fixture(params=[by_calls, by_document])
def deploy(
    request: pytest.FixtureRequest,
    session: boto3.Session,
    emulator: Emulator,
    queue: Queue,
    account_id: str,
) -> Deploy:
    """Return what deploys an API whose root sends its body to the queue."""
    apigateway = client(session, "apigateway")
    name = queue.url.rpartition("/")[2]
    form = "'application/x-www-form-urlencoded'"
    body = "Action=SendMessage&MessageBody=$input.body"

    def deploy(more: dict[str, Any]) -> str:
        integration = {
            "type": "AWS",
            "httpMethod": "POST",
            "uri": f"arn:aws:apigateway:us-east-1:sqs:path/{account_id}/{name}",
            "requestParameters": {"integration.request.header.Content-Type": form},
            "requestTemplates": {"application/json": body},
            **more,
        }
        made = request.param(apigateway, integration)
        apigateway.create_deployment(restApiId=made, stageName="s")
        return f"{emulator.endpoint_url}/_aws/execute-api/{made}/s/"

    return deploy


def test_an_api_sends_what_the_role_of_its_integration_may_send(
    deploy: Deploy, session: boto3.Session, role: Role, queue: Queue
) -> None:
    """What the service refuses is in the answer; nothing is in the queue."""
    sqs, url = client(session, "sqs"), deploy({"credentials": role.arn})

    refused = requests.post(url, json={}, timeout=10)
    assert "AccessDenied" in refused.text
    assert "Messages" not in sqs.receive_message(QueueUrl=queue.url)

    role.allow("sqs:SendMessage", queue.arn)
    served = requests.post(url, json={}, timeout=10)
    assert "MessageId" in served.text
    assert sqs.receive_message(QueueUrl=queue.url)["Messages"][0]["Body"] == "{}"

    role.take()
    assert "AccessDenied" in requests.post(url, json={}, timeout=10).text


def test_an_api_without_a_role_sends_what_the_queues_policy_allows(
    deploy: Deploy, session: boto3.Session, queue: Queue
) -> None:
    """Its call is API Gateway's own, no administrator's."""
    sqs, url = client(session, "sqs"), deploy({})

    refused = requests.post(url, json={}, timeout=10)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.arn,
    }
    policy = {"Policy": document(statement)}
    assert "AccessDenied" in refused.text
    assert "Messages" not in sqs.receive_message(QueueUrl=queue.url)

    sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=policy)
    assert "MessageId" in requests.post(url, json={}, timeout=10).text
