"""Tiny resources, made for one test each."""

from dataclasses import dataclass
from typing import Any

import boto3

from harness.tests.integration.gate.roles import unique

REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue's two names."""

    url: str
    arn: str


@dataclass(frozen=True, slots=True)
class Resources:
    """Makes resources in one account; each method returns a name or an ARN."""

    session: boto3.Session
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """Write the ARN of a regional resource."""
        return f"arn:aws:{service}:{REGION}:{self.account_id}:{resource}"

    def queue(self, **attributes: str) -> Queue:
        """Make a queue."""
        name = unique("queue")
        sqs: Any = self.session.client("sqs")
        made = sqs.create_queue(QueueName=name, Attributes=attributes)
        return Queue(made["QueueUrl"], self.arn("sqs", name))

    def table(self) -> str:
        """Make a table with the partition key PK; return its name."""
        name = unique("table")
        self.session.client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return name

    def topic(self) -> str:
        """Make a topic; return its ARN."""
        arn: str = self.session.client("sns").create_topic(Name=unique("topic"))[
            "TopicArn"
        ]
        return arn

    def bucket(self, key: str) -> str:
        """Make a bucket with an empty object in it; return the bucket's name."""
        name = unique("bucket")
        s3 = self.session.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key=key, Body=b"")
        return name

    def log_group(self) -> str:
        """Make a log group; return its name."""
        name = unique("/gate/logs")
        self.session.client("logs").create_log_group(logGroupName=name)
        return name
