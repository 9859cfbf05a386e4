"""Calls that one service makes to another: resource policies decide."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import requests

from harness.tests.integration.emulator.functions import Function, Functions
from harness.tests.integration.gate.resources import Queue, Resources
from harness.tests.integration.gate.roles import Role, client, document, unique
from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")

ANSWERS = """
    def handler(event, context):
        return {"statusCode": 200, "body": "served"}
"""


@pytest.fixture
def function(role: Role, session: boto3.Session) -> Function:
    """Return a function that answers an API's requests."""
    return Functions(session, role.arn).create(ANSWERS)


@pytest.fixture
def api_id(function: Function, session: boto3.Session, resources: Resources) -> str:
    """Return an API whose root is answered by ``function``; it is not permitted to."""
    apigateway = client(session, "apigateway")
    api = apigateway.create_rest_api(name=unique("api"))
    method = {
        "restApiId": api["id"],
        "resourceId": api["rootResourceId"],
        "httpMethod": "GET",
    }
    apigateway.put_method(**method, authorizationType="NONE")
    arn = resources.arn("lambda", f"function:{function.name}")
    apigateway.put_integration(
        **method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri="arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions"
        f"/{arn}/invocations",
    )
    apigateway.create_deployment(restApiId=api["id"], stageName="s")
    made: str = api["id"]
    return made


def test_an_api_answers_500_without_the_functions_permission(
    api_id: str,
    function: Function,
    session: boto3.Session,
    resources: Resources,
    emulator: Emulator,
) -> None:
    """The permission names the API; removed, it counts no longer."""
    url = f"{emulator.endpoint_url}/_aws/execute-api/{api_id}/s/"
    functions = client(session, "lambda")
    permission = {"FunctionName": function.name, "StatementId": "api"}
    assert requests.get(url, timeout=10).status_code == 500

    functions.add_permission(
        **permission,
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=resources.arn("execute-api", f"{api_id}/*/GET/"),
    )
    assert requests.get(url, timeout=10).text == "served"

    functions.remove_permission(**permission)
    assert requests.get(url, timeout=10).status_code == 500


def test_a_permission_for_another_api_is_none(
    api_id: str,
    function: Function,
    session: boto3.Session,
    resources: Resources,
    emulator: Emulator,
) -> None:
    """aws:SourceArn is compared; to list an API's responses does not change them."""
    client(session, "apigateway").get_gateway_responses(restApiId=api_id)
    client(session, "lambda").add_permission(
        FunctionName=function.name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=resources.arn("execute-api", "another/*/GET/"),
    )

    url = f"{emulator.endpoint_url}/_aws/execute-api/{api_id}/s/"
    answer = requests.get(url, timeout=10)

    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal server error"}


def received(sqs: Any, queue: Queue) -> list[str]:  # noqa: ANN401 - boto3's client
    """Return the messages that wait in a queue, once."""
    answer = sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10)
    messages = [
        json.loads(one["Body"])["Message"] for one in answer.get("Messages", [])
    ]
    for one in answer.get("Messages", []):
        sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=one["ReceiptHandle"])
    return messages


def test_a_topic_delivers_to_a_queue_whose_policy_lets_it(
    session: boto3.Session, resources: Resources, emulator: Emulator
) -> None:
    """The queue's policy names the topic as the source; without, nothing arrives."""
    sns, sqs = client(session, "sns"), client(session, "sqs")
    topic, queue = resources.topic(), resources.queue()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)

    sns.publish(TopicArn=topic, Message="refused")
    wait_until(
        refusals(emulator, topic, queue),
        bool,
        what="SNS to be refused",
        timeout_s=10,
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue.arn,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": topic},
            "StringEquals": {"aws:SourceAccount": resources.account_id},
        },
    }
    sqs.set_queue_attributes(
        QueueUrl=queue.url, Attributes={"Policy": document(statement)}
    )
    sns.publish(TopicArn=topic, Message="delivered")

    arrived = wait_until(
        lambda: received(sqs, queue), bool, what="a message", timeout_s=10
    )
    assert arrived == ["delivered"]


def refusals(
    emulator: Emulator, topic: str, queue: Queue
) -> Callable[[], list[gate_client.RecordedDecision]]:
    """Return a look at what SNS was refused for a topic and a queue."""
    return lambda: [
        one
        for one in gate_client.decisions(emulator.endpoint_url)
        if (one["principal"], one["resource"], one["decision"])
        == (topic, queue.arn, "implicitDeny")
    ]
