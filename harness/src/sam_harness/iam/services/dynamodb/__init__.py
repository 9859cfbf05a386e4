"""DynamoDB: tables, the operations on items and statements, streams.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    by,
    every,
    rules,
)
from sam_harness.iam.service import (
    JSON,
    Document,
    Properties,
    ResourceType,
    SampleCall,
    Service,
    Subject,
)
from sam_harness.iam.services.dynamodb.items import (
    batch_get,
    batch_write,
    one_item,
    read_many,
    transact,
)
from sam_harness.iam.services.dynamodb.partiql import (
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


_TABLE = "table/{}"


def _contributors(call: Call) -> Iterable[Authorization]:
    """Need the table, and its index where one is named."""
    table = str(by("TableName", arn=_TABLE)(call))
    yield Authorization(f"dynamodb:{call.operation}", table)
    if index := call.parameters.get("IndexName"):
        yield Authorization(f"dynamodb:{call.operation}", f"{table}/index/{index}")


RULES: dict[str, Rule] = {
    **rules(
        "dynamodb",
        {
            every("table/*"): "ListTables",
            by("BackupArn"): "DeleteBackup DescribeBackup",
        },
    ),
    "DescribeContributorInsights": _contributors,
    "UpdateContributorInsights": _contributors,
    "DeleteItem": one_item,
    "GetItem": one_item,
    "PutItem": one_item,
    "UpdateItem": one_item,
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


def _table(arn: str) -> str:
    return arn.partition(":table/")[2].partition("/")[0]


def _index(arn: str) -> dict[str, str]:
    below = arn.partition("/index/")[2]
    return {"IndexName": below} if below else {}


def _keys(described: Properties) -> dict[str, tuple[str, ...]]:
    """Read them of a template's properties, or of what DescribeTable says."""
    found = {"": _attributes(described)}
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for index in described.get(kind) or ():
            found[f"/index/{index['IndexName']}"] = _attributes(index)
    return found


def _attributes(keyed: Properties) -> tuple[str, ...]:
    schema = sorted(keyed.get("KeySchema") or (), key=lambda one: str(one["KeyType"]))
    return tuple(str(one["AttributeName"]) for one in schema)


def _partition_key(dynamodb: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    """Return the partition key of a table or an index; None: it does not exist."""
    try:
        described = dynamodb.describe_table(TableName=_table(arn))["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        return None
    found = _keys(described).get(arn.partition(f":table/{_table(arn)}")[2])
    return found[0] if found else None


def _policies(properties: Properties) -> Iterable[tuple[str, Document]]:
    if policy := properties.get("ResourcePolicy"):
        yield "", policy["PolicyDocument"]


_TABLE_TYPE = ResourceType(
    "dynamodb:{region}:{account}:table/{name}",
    "TableName",
    attributes={"StreamArn": "{arn}/stream/latest"},
    keys=_keys,
    policies=_policies,
)


def _key(it: Subject) -> dict[str, Any]:
    """Return a key that no other item has."""
    return {name: {"S": f"access-{uuid4()}"} for name in it.keys}


def _of_table(it: Subject, **more: object) -> dict[str, Any]:
    return {"TableName": _table(it.arn), **more}


def _on_key(it: Subject) -> dict[str, Any]:
    return _of_table(it, Key=_key(it))


def _query(it: Subject) -> dict[str, Any]:
    return _of_table(
        it,
        **_index(it.arn),
        KeyConditionExpression="#hash = :hash",
        ExpressionAttributeNames={"#hash": it.keys[0]},
        ExpressionAttributeValues={":hash": {"S": "access"}},
    )


def _statement(form: str, *reached: str) -> SampleCall:
    def parameters(it: Subject) -> dict[str, Any]:
        item = {name: value["S"] for name, value in _key(it).items()}
        where = " AND ".join(f"\"{name}\" = '{value}'" for name, value in item.items())
        written = form.format(table=_table(it.arn), key=f" WHERE {where}", item=item)
        return {"Statement": written}

    return SampleCall(parameters, reached, operation="execute_statement")


SERVICE = Service(
    name="dynamodb",
    rules=RULES,
    names=dict.fromkeys(("TableName", "ResourceArn", "TableArn"), _TABLE),
    errors=JSON,
    types={
        "AWS::DynamoDB::GlobalTable": _TABLE_TYPE,
        "AWS::DynamoDB::Table": _TABLE_TYPE,
    },
    lookup=_partition_key,
    # An index, a stream and a backup have those of their table.
    tags=lambda dynamodb, arn: dynamodb.list_tags_of_resource(
        ResourceArn="/".join(arn.split("/")[:2])
    ).get("Tags"),
    harmless="Batch DeleteItem Execute PutItem Query Scan Transact UpdateItem",
    samples={
        "GetItem": SampleCall(_on_key),
        # No attribute but the key's: a role may be allowed to change some only.
        "UpdateItem": SampleCall(lambda it: {**_on_key(it), "AttributeUpdates": {}}),
        "DeleteItem": SampleCall(_on_key),
        "PutItem": SampleCall(lambda it: _of_table(it, Item=_key(it))),
        "BatchGetItem": SampleCall(
            lambda it: {"RequestItems": {_table(it.arn): {"Keys": [_key(it)]}}}
        ),
        "BatchWriteItem": SampleCall(
            lambda it: {
                "RequestItems": {_table(it.arn): [{"DeleteRequest": {"Key": _key(it)}}]}
            }
        ),
        "PartiQLSelect": _statement('SELECT * FROM "{table}"{key}'),
        "PartiQLInsert": _statement('INSERT INTO "{table}" VALUE {item}'),
        # Changing an item by a statement never makes it.
        "PartiQLUpdate": _statement(
            'UPDATE "{table}" REMOVE access{key}', "ConditionalCheckFailedException"
        ),
        "PartiQLDelete": _statement('DELETE FROM "{table}"{key}'),
        "Query": SampleCall(_query),
        "Scan": SampleCall(lambda it: _of_table(it, **_index(it.arn), Limit=1)),
        "DescribeTable": SampleCall(_of_table),
        "DeleteTable": SampleCall(_of_table, destroys=True),
    },
)


def _of_iterator(call: Call) -> str:
    """Return the stream that an iterator names before its first bar."""
    return call.text("ShardIterator").partition("|")[0]


# An API of its own, with DynamoDB's actions.
STREAMS = Service(
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
