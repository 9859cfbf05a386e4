"""Queues, table, topic and alarms as their services describe them."""

import json
from collections.abc import Mapping
from typing import Any

import boto3

from refund_stack.promised import Resource


def _queue(session: boto3.Session, queue: Resource) -> Mapping[str, Any]:
    attributes: dict[str, Any] = _queue_attributes(session, queue.physical_id)
    attributes["QueueName"] = attributes["QueueArn"].rpartition(":")[2]
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if name in attributes:
            attributes[name] = json.loads(attributes[name])
    attributes["SqsManagedSseEnabled"] = attributes["SqsManagedSseEnabled"] == "true"
    return attributes


def _queue_policy(session: boto3.Session, policy: Resource) -> Mapping[str, Any]:
    urls = policy.properties["Queues"]
    documents = [_queue_attributes(session, url)["Policy"] for url in urls]
    return {"Queues": urls, "PolicyDocument": json.loads(*set(documents))}


def _queue_attributes(session: boto3.Session, url: str) -> dict[str, Any]:
    answer = session.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["All"]
    )
    return {str(name): value for name, value in answer["Attributes"].items()}


def _table(session: boto3.Session, table: Resource) -> Mapping[str, Any]:
    dynamodb = session.client("dynamodb")
    described = dynamodb.describe_table(TableName=table.physical_id)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=table.physical_id)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return {
        **described,
        "BillingMode": described["BillingModeSummary"]["BillingMode"],
        "SSESpecification": {
            "SSEEnabled": described.get("SSEDescription", {}).get("Status") == "ENABLED"
        },
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": recovery["PointInTimeRecoveryStatus"]
            == "ENABLED"
        },
    }


def _topic(session: boto3.Session, topic: Resource) -> Mapping[str, Any]:
    answer = session.client("sns").get_topic_attributes(TopicArn=topic.physical_id)
    attributes: dict[str, Any] = dict(answer["Attributes"])
    attributes["TopicName"] = attributes["TopicArn"].rpartition(":")[2]
    return attributes


def _alarm(session: boto3.Session, alarm: Resource) -> Mapping[str, Any]:
    found = session.client("cloudwatch").describe_alarms(AlarmNames=[alarm.physical_id])
    (described,) = found["MetricAlarms"]
    return dict(described)


READERS = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
}
