"""What LocalStack has not: it says so."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError


def test_an_operation_that_there_is_not_is_refused_by_name(
    session: boto3.Session,
) -> None:
    """Although LocalStack cannot ask its maker which edition would have it."""
    with pytest.raises(ClientError, match="ListMetricStreams") as refused:
        session.client("cloudwatch").list_metric_streams()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_policy_of_a_table_is_refused_as_no_call_is_checked_against_it(
    session: boto3.Session,
) -> None:
    """With its reason, whether the table is there or is made with it."""
    dynamodb, policy = session.client("dynamodb"), "{}"
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t"

    with pytest.raises(ClientError, match="the policies of tables") as refused:
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)
    with pytest.raises(ClientError, match="the policies of tables"):
        dynamodb.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            ResourcePolicy=policy,
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_legacy_filter_is_refused_where_it_would_be_another(
    session: boto3.Session,
) -> None:
    """The emulator would return items twice, and no key where a page ends."""
    dynamodb = session.client("dynamodb")
    filters: Any = {"n": {"ComparisonOperator": "NOT_NULL"}}
    key: Any = {"PK": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}

    with pytest.raises(ClientError, match="use FilterExpression") as refused:
        dynamodb.query(TableName="none", KeyConditions=key, QueryFilter=filters)
    with pytest.raises(ClientError, match="use FilterExpression"):
        dynamodb.scan(TableName="none", ScanFilter=filters, Limit=1)
    with pytest.raises(ClientError, match="use FilterExpression"):
        dynamodb.scan(TableName="none", ScanFilter=filters, ConditionalOperator="OR")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.scan(TableName="none", ScanFilter=filters)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.query(TableName="none", KeyConditions=key)


def test_a_message_that_would_go_to_firehose_is_refused(session: boto3.Session) -> None:
    """The emulator would take the subscription; to an address it sends nothing."""
    sns = session.client("sns")
    topic = sns.create_topic(Name="unsent")["TopicArn"]

    with pytest.raises(ClientError, match="does not emulate Firehose"):
        sns.subscribe(
            TopicArn=topic,
            Protocol="firehose",
            Endpoint="arn:aws:firehose:us-east-1:000000000000:deliverystream/d",
        )


def test_a_schedule_that_nothing_would_follow_is_refused(
    session: boto3.Session,
) -> None:
    """Whoever makes it: the emulator would keep it, and call nothing."""
    role = "arn:aws:iam::000000000000:role/r"
    queue = "arn:aws:sqs:us-east-1:000000000000:q"

    with pytest.raises(ClientError, match="nothing is ever called"):
        session.client("scheduler").create_schedule(
            Name="s",
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": queue, "RoleArn": role},
        )


def test_a_rule_with_a_pattern_besides_its_schedule_is_refused(
    session: boto3.Session,
) -> None:
    """The emulator would only follow the schedule."""
    with pytest.raises(ClientError, match="put the pattern into a rule of its own"):
        session.client("events").put_rule(
            Name="both",
            ScheduleExpression="rate(1 day)",
            EventPattern='{"source": ["a"]}',
        )
