"""Where events go that a function failed at, after an update of the function."""

from uuid import uuid4

import boto3

from harness.tests.integration.emulator.functions import Functions
from sam_harness.waiting import wait_until


def test_an_event_after_an_update_goes_to_the_new_dead_letter_queue(
    session: boto3.Session, functions: Functions
) -> None:
    """LocalStack asks the version before it where to, for two seconds more."""
    sqs, client = session.client("sqs"), session.client("lambda")
    urls, arns = [], []
    for _ in range(2):
        urls.append(sqs.create_queue(QueueName=f"dead-{uuid4().hex[:8]}")["QueueUrl"])
        told = sqs.get_queue_attributes(QueueUrl=urls[-1], AttributeNames=["QueueArn"])
        arns.append(told["Attributes"]["QueueArn"])
    name = functions.create(
        "def handler(event, context): raise KeyError",
        DeadLetterConfig={"TargetArn": arns[0]},
    ).name
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)

    def fail(payload: bytes, url: str) -> str:
        client.invoke(FunctionName=name, InvocationType="Event", Payload=payload)
        [dead] = wait_until(
            lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get(
                "Messages", []
            ),
            bool,
            what="a dead letter",
            timeout_s=20,
        )
        return dead["Body"]

    assert fail(b"1", urls[0]) == "1"  # its poller is there now
    client.update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": arns[1]}
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1}
    )
    assert fail(b"2", urls[1]) == "2"
