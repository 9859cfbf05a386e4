"""SQS -> Lambda where the function's process does not survive its message."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.emulator.functions import Functions
from sam_harness.waiting import wait_until

DIES_OF_POISON = """
    import os

    def handler(event, context):
        for record in event["Records"]:
            print("received", record["body"], os.getpid())
            if record["body"] == "poison":
                os.kill(os.getpid(), 9)
"""

TELLS_WHAT_IT_GETS = """
    import json

    def handler(event, context):
        for record in event["Records"]:
            print("got", json.dumps(record["body"]))
"""


@pytest.mark.parametrize(
    "filtered",
    [{}, {"FilterCriteria": {"Filters": [{"Pattern": '{"body":{"b":[1]}}'}]}}],
)
def test_a_function_gets_a_message_as_it_was_sent(
    functions: Functions, session: boto3.Session, filtered: dict[str, Any]
) -> None:
    """A JSON text stays as it is, whether a mapping looks into it or not.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    sqs, sent = session.client("sqs"), '{"b":1,  "a":"é","a2":1.10}'
    queue = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    function = functions.create(TELLS_WHAT_IT_GETS)
    mapping = session.client("lambda").create_event_source_mapping(
        EventSourceArn=arn["Attributes"]["QueueArn"],
        FunctionName=function.name,
        **filtered,
    )

    sqs.send_message(QueueUrl=queue, MessageBody=sent)

    (got,) = [line for line in function.log(until="got ") if line.startswith("got ")]
    session.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    assert json.loads(got.removeprefix("got ")) == sent


def test_a_message_that_kills_its_process_is_redelivered_then_parked(
    functions: Functions, session: boto3.Session
) -> None:
    """Killed on each of its two deliveries, the message ends in the DLQ, whole."""
    sqs = session.client("sqs")
    dlq = sqs.create_queue(QueueName=f"dlq-{uuid4().hex[:8]}")["QueueUrl"]
    dlq_arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    queue = sqs.create_queue(
        QueueName=f"queue-{uuid4().hex[:8]}",
        Attributes={
            "VisibilityTimeout": "1",
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": dlq_arn, "maxReceiveCount": 2}
            ),
        },
    )["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    function = functions.create(DIES_OF_POISON, timeout_s=1)
    mapping = session.client("lambda").create_event_source_mapping(
        EventSourceArn=queue_arn, FunctionName=function.name, BatchSize=1
    )

    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    sqs.send_message(QueueUrl=queue, MessageBody="food")

    parked = wait_until(
        lambda: sqs.receive_message(QueueUrl=dlq).get("Messages", []),
        bool,
        what="a message in the DLQ",
        timeout_s=20,
    )
    session.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    assert [message["Body"] for message in parked] == ["poison"]
    received = [
        line.split()[1:]
        for line in function.log(until="received food")
        if line.startswith("received")
    ]
    assert sorted(body for body, _ in received) == ["food", "poison", "poison"]
    deaths = [process for body, process in received if body == "poison"]
    assert len(set(deaths)) == 2
