"""What AWS refuses of a call, where LocalStack takes it or makes an error 500."""

from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

# What boto3 would say itself, other clients leave to AWS.
UNCHECKED = Config(parameter_validation=False)


@pytest.mark.parametrize(
    ("service", "operation", "asked", "said"),
    [
        ("dynamodb", "query", {"TableName": "none", "Limit": 0}, "'0' at 'limit'"),
        ("dynamodb", "put_item", {}, "null at 'tableName'"),
        ("events", "put_events", {"Entries": []}, "greater than or equal to 1"),
        ("sqs", "create_queue", {}, "MissingParameter.* null at 'queueName'"),
        ("sns", "create_topic", {}, "ValidationError.* null at 'name'"),
        ("sqs", "create_queue", {"QueueName": "q", "tags": {"aws:a": ""}}, "aws: pre"),
        (
            "ssm",
            "put_parameter",
            {"Name": "n", "Value": "v"} | {"Tags": [{"Key": "aws:a", "Value": ""}]},
            "aws: pre",
        ),
        (
            "apigateway",
            "create_usage_plan",
            {"name": "p", "apiStages": [{"apiId": "a", "stage": "s"}]},
            "NotFoundException.*: API Stage not found: a:s",
        ),
    ],
)
def test_a_call_that_is_none_is_refused_by_name(
    session: boto3.Session,
    service: Any,  # noqa: ANN401 - any service's client
    operation: str,
    asked: dict[str, Any],
    said: str,
) -> None:
    """With the code that clients look for."""
    client: Any = session.client(service, config=UNCHECKED)
    with pytest.raises(ClientError, match=said) as refused:
        getattr(client, operation)(**asked)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


def test_a_bus_that_has_rules_is_not_deleted(session: boto3.Session) -> None:
    """LocalStack deletes the rules, too."""
    events, name = session.client("events"), f"bus-{uuid4().hex[:8]}"
    events.create_event_bus(Name=name)
    events.put_rule(Name="r", EventBusName=name, EventPattern='{"source": ["s"]}')

    with pytest.raises(ClientError, match="can't be deleted since it has rules"):
        events.delete_event_bus(Name=name)

    events.delete_rule(Name="r", EventBusName=name)
    events.delete_event_bus(Name=name)


def test_items_that_expire_already_are_not_had_expire_again(
    session: boto3.Session, table: str
) -> None:
    """Nor the other way round."""
    dynamodb = session.client("dynamodb")

    def set_(enabled: bool) -> None:  # noqa: FBT001 - DynamoDB's
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "t"},
        )

    with pytest.raises(ClientError, match="TimeToLive is already disabled"):
        set_(enabled=False)
    set_(enabled=True)
    with pytest.raises(ClientError, match="TimeToLive is already enabled"):
        set_(enabled=True)


def test_a_list_has_no_more_keys_than_s3_gives(session: boto3.Session) -> None:
    """Who asks for more has to ask again."""
    s3, name = session.client("s3"), f"list-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)

    assert s3.list_objects_v2(Bucket=name, MaxKeys=5000)["MaxKeys"] == 1000


def test_a_body_that_is_no_xml_of_s3s_is_refused(session: boto3.Session) -> None:
    """LocalStack makes an error 500."""
    s3: Any = session.client("s3", config=UNCHECKED)
    name = f"rules-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)

    with pytest.raises(ClientError, match="MalformedXML"):
        s3.put_bucket_lifecycle_configuration(
            Bucket=name, LifecycleConfiguration={"Rules": []}
        )
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.put_bucket_notification_configuration(
            Bucket=name,
            NotificationConfiguration={"QueueConfigurations": [{"QueueArn": arn}]},
        )


def test_nothing_is_downloaded_to_emulate_kinesis(session: boto3.Session) -> None:
    """LocalStack would ask npm for it, and keep its caller waiting for minutes."""
    with pytest.raises(ClientError, match="does not emulate Kinesis"):
        session.client("kinesis").list_streams()
