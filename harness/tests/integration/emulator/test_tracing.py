"""One trace from the API through the function to the queue."""

from typing import Any
from uuid import uuid4

import boto3
import requests

from harness.tests.integration.emulator.functions import Function, Functions
from sam_harness.emulator.emulator import Emulator

SENDS = """
    import json
    import os

    import boto3

    SQS = boto3.client("sqs")

    def handler(event, context):
        SQS.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody="traced")
        return {
            "statusCode": 200,
            "body": json.dumps({
                "event": event["headers"]["X-Amzn-Trace-Id"],
                "environment": os.environ["_X_AMZN_TRACE_ID"],
            }),
        }
"""


def api_of(session: boto3.Session, function: Function) -> str:
    """Return the path of a REST API whose root is answered by ``function``."""
    apigateway = session.client("apigateway")
    api = apigateway.create_rest_api(name=f"api-{uuid4().hex[:8]}")
    method: dict[str, Any] = {
        "restApiId": api["id"],
        "resourceId": api["rootResourceId"],
        "httpMethod": "GET",
    }
    apigateway.put_method(**method, authorizationType="NONE")
    functions = session.client("lambda")
    arn = functions.get_function_configuration(FunctionName=function.name)[
        "FunctionArn"
    ]
    functions.add_permission(
        FunctionName=function.name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    apigateway.put_integration(
        **method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{session.region_name}:lambda:path/2015-03-31"
        f"/functions/{arn}/invocations",
    )
    apigateway.create_deployment(restApiId=api["id"], stageName="test")
    return f"/_aws/execute-api/{api['id']}/test/"


def test_the_callers_trace_reaches_function_and_queue(
    functions: Functions, session: boto3.Session, emulator: Emulator
) -> None:
    """The root of the caller's header is in the event, environment and message."""
    queue = session.client("sqs").create_queue(QueueName=f"q-{uuid4().hex[:8]}")
    function = functions.create(SENDS, variables={"QUEUE_URL": queue["QueueUrl"]})
    root = f"1-6b033a96-{uuid4().hex[:24]}"

    answer = requests.get(
        emulator.endpoint_url + api_of(session, function),
        headers={"X-Amzn-Trace-Id": f"Root={root};Parent=3333333333333333;Sampled=1"},
        timeout=30,
    )

    assert answer.status_code == 200, answer.text
    assert f"Root={root};" in answer.json()["event"]
    assert f"Root={root};" in answer.json()["environment"]
    received = session.client("sqs").receive_message(
        QueueUrl=queue["QueueUrl"],
        MessageSystemAttributeNames=["AWSTraceHeader"],
        WaitTimeSeconds=5,
    )
    [message] = received["Messages"]
    assert f"Root={root};" in message["Attributes"]["AWSTraceHeader"]
