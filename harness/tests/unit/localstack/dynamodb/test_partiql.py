"""Statements are executed as DynamoDB documents them, or refused with a reason."""

# ruff: noqa: S608 - the statements are the test's own

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sam_harness.localstack.corrections.dynamodb.moto_backend import install

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]
# How tests call a table that needs quotes.
TABLE = '"a-table"'


@pytest.fixture
def dynamodb(empty_aws: None) -> "DynamoDBClient":
    """Return a client of a table with the items a/0, a/1, a/2 and b/0, whose v is 1."""
    del empty_aws  # by now
    install()
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="a-table",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk, sk in ("a0", "a1", "a2", "b0"):
        item = {"pk": {"S": pk}, "sk": {"S": sk}, "v": {"N": "1"}}
        client.put_item(TableName="a-table", Item=item)
    return client


def run(client: "DynamoDBClient", statement: str, *values: Item, **more: Any) -> Item:  # noqa: ANN401 - parameters of boto3
    """Execute a statement about the table ``t``."""
    more |= {"Parameters": list(values)} if values else {}
    written = statement.replace(" t", f" {TABLE}", 1)
    return dict(client.execute_statement(Statement=written, **more))


def found(client: "DynamoDBClient", rest: str, *values: Item) -> list[str]:
    """Return partition and sort key of what a SELECT finds, in its order."""
    items = run(client, f"SELECT pk, sk FROM t {rest}", *values)["Items"]
    assert all(item.keys() == {"pk", "sk"} for item in items)
    return [item["pk"]["S"] + item["sk"]["S"] for item in items]


A, ONE = {"S": "a"}, {"S": "1"}
KEY = "WHERE pk = 'a' AND sk = '1'"


@pytest.mark.parametrize(
    ("rest", "values", "expected"),
    [
        ("WHERE pk = ? AND sk = ?", (A, ONE), "a1"),
        ("WHERE pk=? AND sk=?", (A, ONE), "a1"),
        ("where 'a'=pk and '1'<sk", (), "a2"),
        ("WHERE pk = 'a' AND begins_with(sk, '1')", (), "a1"),
        ("WHERE pk = 'a' AND sk BETWEEN '1' AND '2'", (), "a1 a2"),
        ("WHERE pk = 'a' AND sk IN ('0', '2')", (), "a0 a2"),
        ("WHERE pk = 'a' AND sk <> '1' AND v = 1", (), "a0 a2"),
        ("WHERE pk = 'a' AND (sk = '0' OR v > 1)", (), "a0"),
        ("WHERE pk = 'a' AND v = '1'", (), ""),
        ("WHERE pk = 'a' ORDER BY sk DESC", (), "a2 a1 a0"),
        ("WHERE sk = '0' AND NOT pk = 'a'", (), "b0"),
        ("WHERE w IS MISSING AND v IS NOT NULL AND size(pk) = 1", (), "a0 a1 a2 b0"),
    ],
)
def test_a_select_finds_what_its_condition_says(
    dynamodb: "DynamoDBClient", rest: str, values: tuple[Item, ...], expected: str
) -> None:
    """However it is written; with the attributes that it names, and no others."""
    assert sorted(found(dynamodb, rest, *values)) == sorted(expected.split())
    if "ORDER" in rest:
        assert found(dynamodb, rest, *values) == expected.split()


def test_a_select_comes_in_pages(dynamodb: "DynamoDBClient") -> None:
    """A limit is of items that are looked at; the token goes on behind them."""
    select = "SELECT sk FROM t WHERE pk = 'a'"
    first = run(dynamodb, select, Limit=2)
    second = run(dynamodb, select, NextToken=first["NextToken"])

    pages = [[item["sk"]["S"] for item in one["Items"]] for one in (first, second)]
    assert pages == [["0", "1"], ["2"]]
    assert "NextToken" not in second
    with pytest.raises(ClientError, match="NextToken"):
        run(dynamodb, select, NextToken="no token")


def test_an_insert_never_overwrites(dynamodb: "DynamoDBClient") -> None:
    """A new item is there, with its parameters."""
    with pytest.raises(ClientError, match="DuplicateItemException"):
        run(dynamodb, "INSERT INTO t VALUE {'pk': 'a', 'sk': '1', 'v': 99}")
    run(dynamodb, "INSERT INTO t VALUE {'pk': ?, 'sk': 'x', 'n': [1]}", A)

    both = run(dynamodb, "SELECT * FROM t WHERE pk = 'a' AND sk IN ('1', 'x')")
    old, new = both["Items"]
    assert old["v"] == {"N": "1"}
    assert new["n"] == {"L": [{"N": "1"}]}


@pytest.mark.parametrize(
    ("changes", "returning", "expected"),
    [
        ("SET v = v + 4", "ALL NEW", {"v": {"N": "5"}}),
        ("SET v = 2", "ALL OLD", {"v": {"N": "1"}}),
        ("REMOVE v", "ALL NEW", {}),
        ("SET w = 'it''s where' REMOVE v", "MODIFIED NEW", {"w": {"S": "it's where"}}),
        ("SET s = set_add(s, <<'x'>>)", "MODIFIED NEW", {"s": {"SS": ["x"]}}),
        ("SET v = 2", None, None),
    ],
)
def test_an_update_changes_one_item_and_returns_what_it_is_asked_for(
    dynamodb: "DynamoDBClient",
    changes: str,
    returning: str | None,
    expected: Item | None,
) -> None:
    """Nothing where it is not asked for anything."""
    end = f"RETURNING {returning} *" if returning else ""
    items = run(dynamodb, f"UPDATE t {changes} {KEY} {end}")["Items"]

    key = {"pk": A, "sk": ONE} if returning and returning.startswith("ALL") else {}
    assert items == ([] if expected is None else [key | expected])


def test_a_change_needs_its_item_and_its_condition(dynamodb: "DynamoDBClient") -> None:
    """Only to delete what is not there is no error."""
    for refused in (
        "UPDATE t SET v = 5 WHERE pk = 'none' AND sk = '0'",
        f"UPDATE t SET v = 5 {KEY} AND v > 1",
        f"DELETE FROM t {KEY} AND v > 1",
    ):
        with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
            run(dynamodb, refused)
    assert found(dynamodb, f"{KEY} AND v = 1") == ["a1"]

    assert (
        run(dynamodb, "DELETE FROM t WHERE pk='no' AND sk='1' AND v=9")["Items"] == []
    )
    [deleted] = run(dynamodb, f"DELETE FROM t {KEY} RETURNING ALL OLD *")["Items"]
    assert deleted["v"] == {"N": "1"}
    assert found(dynamodb, KEY) == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELEKT * FROM t", "SELECT"),
        ("SELECT m.n FROM t", "this emulator cannot"),
        ("SELECT * FROM t WHERE pk = 'a' AND upper(v) = 'x'", "cannot .* upper"),
        ("SELECT * FROM t WHERE pk = 'a' ORDER BY v", "ORDER BY"),
        ("SELECT * FROM t ORDER BY sk", "ORDER BY"),
        ("SELECT * FROM t.absent WHERE pk = 'a'", "absent"),
        ("UPDATE t SET v = 1 WHERE pk = 'a'", "mandatory equality"),
        ("UPDATE t SET v = 1 WHERE pk = 'a' AND sk > '1'", "mandatory equality"),
        ("UPDATE t SET v = 1 WHERE pk = 'a' OR sk = '1'", "mandatory equality"),
        ("DELETE FROM t WHERE pk = 'a' AND sk = 1", "does not match the schema"),
        (f"DELETE FROM t {KEY} RETURNING ALL NEW *", "ALL OLD"),
        ("INSERT INTO t VALUE {'pk': 'a'}", "Missing the key sk"),
        ("INSERT INTO t VALUE {'pk': '', 'sk': '1'}", "empty string"),
        (f"UPDATE t SET v = 1{'0' * 126} {KEY}", "overflow"),
    ],
)
def test_what_is_not_executed_is_a_validation_error(
    dynamodb: "DynamoDBClient", statement: str, reason: str
) -> None:
    """Its reason says whether AWS, or this emulator, does not know it."""
    with pytest.raises(ClientError, match=f"ValidationException.*{reason}"):
        run(dynamodb, statement)


def test_a_table_that_is_not_there_is_said(dynamodb: "DynamoDBClient") -> None:
    """As by the plain API."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        dynamodb.execute_statement(Statement="SELECT * FROM absent")


def test_each_statement_of_a_batch_has_its_own_answer(
    dynamodb: "DynamoDBClient",
) -> None:
    """An item, nothing, or an error; the call itself succeeds."""
    statements = [
        f"SELECT sk FROM {TABLE} WHERE pk = 'a' AND sk = '0'",
        f"SELECT * FROM {TABLE} WHERE pk = 'a' AND sk = 'none'",
        f"SELECT * FROM {TABLE} WHERE pk = 'a'",
        f"INSERT INTO {TABLE} VALUE {{'pk': 'a', 'sk': '1'}}",
        f"UPDATE {TABLE} SET v = 2 SET w = 'x' {KEY} AND v = 7",
        f"UPDATE {TABLE} SET v = 2 SET w = 'x' {KEY}",
        f"DELETE FROM {TABLE} WHERE pk = 'b' AND sk = '0'",
        "SELECT * FROM absent WHERE pk = 'a'",
    ]
    answer = dynamodb.batch_execute_statement(
        Statements=[
            {"Statement": one, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
            for one in statements
        ]
    )["Responses"]

    codes = [one.get("Error", {}).get("Code") for one in answer]
    refused = ["ValidationError", "DuplicateItem", "ConditionalCheckFailed"]
    assert codes == [None, None, *refused, None, None, "ResourceNotFound"]
    assert [one.get("Item") for one in answer[:2]] == [{"sk": {"S": "0"}}, None]
    stored = {"pk": A, "sk": ONE, "v": {"N": "1"}}
    assert answer[4]["Error"]["Item"] == stored
    assert "Item" not in answer[5]
    assert found(dynamodb, "WHERE v = 2 AND w = 'x'") == ["a1"]
    assert found(dynamodb, "WHERE pk = 'b'") == []


def test_a_transaction_is_done_as_a_whole_or_not(dynamodb: "DynamoDBClient") -> None:
    """It reads or it writes; EXISTS is refused, not ignored."""

    def execute(*statements: str) -> list[Item]:
        asked = [{"Statement": one.replace(" t", f" {TABLE}", 1)} for one in statements]
        answer = dynamodb.execute_transaction(TransactStatements=asked)  # type: ignore[arg-type] # they are such
        return [dict(one) for one in answer["Responses"]]

    insert = "INSERT INTO t VALUE {'pk': 'n', 'sk': '1'}"
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        execute(insert, f"UPDATE t SET v = 2 {KEY} AND v = 7")
    assert found(dynamodb, "WHERE pk = 'n'") == []
    assert execute(insert, f"UPDATE t SET v = 2 {KEY}") == [{}, {}]
    read = execute(f"SELECT v FROM t {KEY}", "SELECT v FROM t WHERE pk='n' AND sk='2'")
    assert read == [{"Item": {"v": {"N": "2"}}}, {}]
    with pytest.raises(ClientError, match="EXISTS is not known"):
        execute(f"EXISTS(SELECT * FROM t {KEY})", insert)
