"""What the mapping must know of tables and queues."""

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError


def key_attributes(dynamodb: Any, table: str) -> dict[str | None, str]:  # noqa: ANN401 - boto3's
    """Return the partition key of a table, by index; None is the table itself.

    Of a table that does not exist nothing is known.
    """
    try:
        found = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise
    indexes = [
        *found.get("GlobalSecondaryIndexes", ()),
        *found.get("LocalSecondaryIndexes", ()),
    ]
    return {
        None: _partition_key(found),
        **{index["IndexName"]: _partition_key(index) for index in indexes},
    }


def redrive_sources(sqs: Any, queue_arn: str) -> Iterable[str] | None:  # noqa: ANN401 - boto3's
    """Return the ARNs of the queues that have the given one for their DLQ."""
    prefix, name = queue_arn.rsplit(":", 1)
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        listed = sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"]
    except ClientError:
        return None  # the mapping then asks for every queue
    return [f"{prefix}:{one.rsplit('/', 1)[-1]}" for one in listed]


def _partition_key(described: Any) -> str:  # noqa: ANN401 - a part of the answer
    return next(
        str(one["AttributeName"])
        for one in described["KeySchema"]
        if one["KeyType"] == "HASH"
    )
