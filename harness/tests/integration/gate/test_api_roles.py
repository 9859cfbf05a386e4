"""An API that calls a service itself: the role of its integration decides."""

from typing import Any

import boto3
import pytest
import requests

from harness.tests.integration.gate.resources import Queue, Resources
from harness.tests.integration.gate.roles import Role, Roles, client, unique
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


@pytest.fixture
def url(
    session: boto3.Session,
    emulator: Emulator,
    role: Role,
    queue: Queue,
    account_id: str,
) -> str:
    """Return the URL of an API whose root sends its body to the queue."""
    apigateway = client(session, "apigateway")
    api = apigateway.create_rest_api(name=unique("api"))
    method: dict[str, Any] = {
        "restApiId": api["id"],
        "resourceId": api["rootResourceId"],
        "httpMethod": "POST",
    }
    form = "'application/x-www-form-urlencoded'"
    apigateway.put_method(**method, authorizationType="NONE")
    apigateway.put_integration(
        **method,
        type="AWS",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:us-east-1:sqs:path/{account_id}/"
        f"{queue.url.rpartition('/')[2]}",
        credentials=role.arn,
        requestParameters={"integration.request.header.Content-Type": form},
        requestTemplates={
            "application/json": "Action=SendMessage&MessageBody=$input.body"
        },
    )
    apigateway.put_method_response(**method, statusCode="200")
    apigateway.put_integration_response(**method, statusCode="200")
    apigateway.create_deployment(restApiId=api["id"], stageName="s")
    return f"{emulator.endpoint_url}/_aws/execute-api/{api['id']}/s/"


def test_an_api_sends_what_the_role_of_its_integration_may_send(
    url: str, session: boto3.Session, role: Role, queue: Queue
) -> None:
    """What the service refuses is in the answer; nothing is in the queue."""
    sqs = client(session, "sqs")

    refused = requests.post(url, json={}, timeout=10)
    assert "AccessDenied" in refused.text
    assert "Messages" not in sqs.receive_message(QueueUrl=queue.url)

    role.allow("sqs:SendMessage", queue.arn)
    served = requests.post(url, json={}, timeout=10)
    assert "MessageId" in served.text
    assert sqs.receive_message(QueueUrl=queue.url)["Messages"][0]["Body"] == "{}"

    role.take()
    assert "AccessDenied" in requests.post(url, json={}, timeout=10).text
