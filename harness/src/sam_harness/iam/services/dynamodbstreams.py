"""DynamoDB Streams: an API of its own, with DynamoDB's actions."""

from sam_harness.iam.call import Call, by, rules
from sam_harness.iam.service import JSON, Service


def _of_iterator(call: Call) -> str:
    """Return the stream that an iterator names before its first bar."""
    return call.text("ShardIterator").partition("|")[0]


SERVICE = Service(
    name="dynamodbstreams",
    rules=rules(
        "dynamodb",
        {
            by("StreamArn"): "DescribeStream GetShardIterator",
            _of_iterator: "GetRecords",
        },
    ),
    errors=JSON,
)
