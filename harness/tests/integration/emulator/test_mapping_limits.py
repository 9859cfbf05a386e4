"""What Lambda refuses of an event source mapping."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import Functions


@pytest.mark.parametrize(
    ("service", "name", "value"),
    [
        ("sqs", "BisectBatchOnFunctionError", True),
        ("sqs", "DestinationConfig", {"OnFailure": {"Destination": "arn:aws:sqs:::"}}),
        ("sqs", "MaximumRetryAttempts", 2),
        ("sqs", "StartingPosition", "LATEST"),
        ("dynamodb", "ScalingConfig", {"MaximumConcurrency": 2}),
    ],
)
def test_what_the_source_of_a_mapping_does_not_have_is_refused(
    session: boto3.Session, service: str, name: str, value: object
) -> None:
    """LocalStack keeps it, and does nothing with it.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
    """
    client: Any = session.client("lambda")

    with pytest.raises(ClientError, match=f"Unsupported {name} parameter"):
        client.create_event_source_mapping(
            FunctionName="any",
            EventSourceArn=f"arn:aws:{service}:us-east-1:123456789012:any",
            **{name: value},
        )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("BisectBatchOnFunctionError", True, "a batch that fails is not halved"),
        ("TumblingWindowInSeconds", 60, "no event has a window or a state"),
    ],
)
def test_what_a_mapping_of_a_stream_would_keep_in_vain_is_refused(
    session: boto3.Session, name: str, value: object, why: str
) -> None:
    """Without the leave that a template needs for it."""
    asked: dict[str, Any] = {"FunctionName": "any", name: value}
    stream = "arn:aws:dynamodb:us-east-1:123456789012:table/any/stream/1"

    with pytest.raises(ClientError, match=f"{name}: kept, but {why}"):
        session.client("lambda").create_event_source_mapping(
            EventSourceArn=stream, **asked
        )


def test_a_queue_that_shows_a_message_before_the_function_ends_is_refused(
    functions: Functions, session: boto3.Session
) -> None:
    """Else a second one would work on the message while the first still does."""
    client, sqs = session.client("lambda"), session.client("sqs")
    name = functions.create("def handler(event, context): return 1").name
    client.update_function_configuration(FunctionName=name, Timeout=31)
    url = sqs.create_queue(QueueName=f"{name}-queue")["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    mapping: Any = {"EventSourceArn": told["Attributes"]["QueueArn"]}

    with pytest.raises(ClientError, match="30 seconds is less than Function timeout"):
        client.create_event_source_mapping(FunctionName=name, **mapping)

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "31"})
    client.create_event_source_mapping(FunctionName=name, **mapping)
