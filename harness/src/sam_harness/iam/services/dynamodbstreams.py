"""DynamoDB Streams: an API of its own, with DynamoDB's actions."""

from sam_harness.iam.call import anything, by, rules
from sam_harness.iam.service import JSON, Service

SERVICE = Service(
    name="dynamodbstreams",
    rules=rules(
        "dynamodb",
        {
            by("StreamArn"): "DescribeStream GetShardIterator",
            anything: "ListStreams",
        },
    ),
    errors=JSON,
)
