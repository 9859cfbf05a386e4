"""DynamoDB: tables, and the operations on items and statements.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    anything,
    by,
    rules,
    with_tags,
)
from harness.iam.mapping.dynamodb_items import (
    batch_get,
    batch_write,
    one_item,
    read_many,
    table_arn,
    transact,
)
from harness.iam.mapping.dynamodb_partiql import (
    batch_execute,
    execute_statement,
    execute_transaction,
)


def _some(rule: Rule) -> Rule:
    """Refuse what names no table at all: nothing to authorise is not a yes."""

    def checked(call: Call) -> Iterable[Authorization]:
        found = tuple(rule(call))
        if not found:
            raise MissingResource(f"dynamodb:{call.operation} names no table")
        return found

    return checked


_ONE = ("DeleteItem", "GetItem", "PutItem", "UpdateItem")
_TABLES = rules(
    "dynamodb",
    {
        by("TableName", table_arn): """
            CreateBackup CreateTable DeleteTable DescribeContinuousBackups
            DescribeContributorInsights DescribeKinesisStreamingDestination
            DescribeTable DescribeTableReplicaAutoScaling DescribeTimeToLive
            UpdateContinuousBackups UpdateTable UpdateTimeToLive
        """,
        by("ResourceArn", table_arn): """
            DeleteResourcePolicy GetResourcePolicy ListTagsOfResource
            PutResourcePolicy TagResource UntagResource
        """,
        by("TableArn", table_arn): "ExportTableToPointInTime",
        by("BackupArn", table_arn): "DeleteBackup DescribeBackup",
        anything: """
            DescribeEndpoints DescribeLimits ListBackups ListExports
            ListGlobalTables ListImports ListTables
        """,
    },
)
RULES: dict[str, Rule] = {
    **_TABLES,
    **with_tags(_TABLES, "CreateTable TagResource"),
    **{action: one_item(action) for action in _ONE},
    "BatchGetItem": _some(batch_get),
    "BatchWriteItem": _some(batch_write),
    "Query": read_many,
    "Scan": read_many,
    "TransactGetItems": _some(transact),
    "TransactWriteItems": _some(transact),
    "ExecuteStatement": execute_statement,
    "BatchExecuteStatement": _some(batch_execute),
    "ExecuteTransaction": _some(execute_transaction),
}
STREAM_RULES = rules(
    "dynamodb",
    {
        by("StreamArn", table_arn): "DescribeStream GetShardIterator",
        anything: "ListStreams",
    },
)
