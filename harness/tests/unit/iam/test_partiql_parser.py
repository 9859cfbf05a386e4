"""DynamoDB's PartiQL, read into a tree."""

import pytest

from sam_harness.iam.services.dynamodb.parser import UnreadableStatement, parse
from sam_harness.iam.services.dynamodb.statement import (
    Expression,
    Literal,
    Operation,
    Path,
    Statement,
    Value,
)

READ = "SELECT * FROM t"
A, B, C = Path(("a",)), Path(("b",)), Path(("c",))
ONE, X = Literal({"N": "1"}), Literal({"S": "x"})


def equal(left: Expression, right: Expression) -> Operation:
    """Return what = makes of two operands."""
    return Operation("=", (left, right))


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("a = 1", equal(A, ONE)),
        ("'x'=a", equal(X, A)),
        ("\"a\" = 'it''s'", equal(A, Literal({"S": "it's"}))),
        (
            '"a ""b""".c[2] = -1.5e3',
            equal(Path(('a "b"', "c", 2)), Literal({"N": "-1.5e3"})),
        ),
        ("a <> 1", Operation("<>", (A, ONE))),
        ("a != 1", Operation("<>", (A, ONE))),
        (
            "a = 1 OR b = 1 AND NOT c = 1",
            Operation(
                "or",
                (
                    equal(A, ONE),
                    Operation(
                        "and", (equal(B, ONE), Operation("not", (equal(C, ONE),)))
                    ),
                ),
            ),
        ),
        (
            "(a = 1 or b = 1) and c = 1",
            Operation(
                "and", (Operation("or", (equal(A, ONE), equal(B, ONE))), equal(C, ONE))
            ),
        ),
        ("a IN [1, 'x']", Operation("in", (A, ONE, X))),
        ("a NOT IN (1)", Operation("not", (Operation("in", (A, ONE)),))),
        ("a BETWEEN 1 AND 'x'", Operation("between", (A, ONE, X))),
        ("a IS MISSING", Operation("is", (A, Literal({"S": "missing"})))),
        (
            "a IS NOT NULL",
            Operation("not", (Operation("is", (A, Literal({"S": "null"}))),)),
        ),
        ("begins_with(a, 'x')", Operation("begins_with", (A, X))),
        ("SIZE(a) > 1", Operation(">", (Operation("size", (A,)), ONE))),
        ("a = b + 1", equal(A, Operation("+", (B, ONE)))),
    ],
)
def test_a_condition_is_read(written: str, condition: Expression) -> None:
    """What binds more tightly is further down."""
    assert parse(f"{READ} WHERE {written}").where == condition


@pytest.mark.parametrize(
    ("written", "statement"),
    [
        (
            'select a, b.c from "my-table"."my-index" where a = 1 order by a desc, b',
            Statement(
                "SELECT",
                "my-table",
                "my-index",
                (A, Path(("b", "c"))),
                equal(A, ONE),
                ((A, True), (B, False)),
            ),
        ),
        (
            "EXISTS(SELECT * FROM t WHERE a = 1)",
            Statement("SELECT", "t", where=equal(A, ONE), exists=True),
        ),
        (
            "INSERT INTO t VALUE {'a': 'x', 'l': [1, {}], 's': <<'x','y'>>, 'n': NULL}",
            Statement(
                "INSERT",
                "t",
                item={
                    "a": {"S": "x"},
                    "l": {"L": [{"N": "1"}, {"M": {}}]},
                    "s": {"SS": ["x", "y"]},
                    "n": {"NULL": True},
                },
            ),
        ),
        (
            """UPDATE t SET a = 1, b = b + 1 SET c = ['x'] REMOVE d[0]
            WHERE a = 1 RETURNING MODIFIED NEW *""",
            Statement(
                "UPDATE",
                "t",
                where=equal(A, ONE),
                changes=(
                    (A, ONE),
                    (B, Operation("+", (B, ONE))),
                    (C, Literal({"L": [{"S": "x"}]})),
                    (Path(("d", 0)), None),
                ),
                returning="MODIFIED_NEW",
            ),
        ),
        (
            "DELETE FROM t WHERE a = 1 RETURNING ALL OLD *",
            Statement("DELETE", "t", where=equal(A, ONE), returning="ALL_OLD"),
        ),
    ],
)
def test_a_statement_is_read(written: str, statement: Statement) -> None:
    """All of its clauses."""
    assert parse(written) == statement


def test_parameters_stand_where_their_question_marks_are() -> None:
    """In the order in which they are written, also within documents and lists."""
    parameters: list[Value] = [{"S": "x"}, {"N": "1"}, {"L": [{"BOOL": True}]}]

    inserted = parse("INSERT INTO t VALUE {'a': ?, 'b': [?], 'c': ?}", parameters)
    chosen = parse("SELECT * FROM t WHERE a IN [?, '?'] OR b = ?", parameters[:2])

    assert inserted.item == {
        "a": {"S": "x"},
        "b": {"L": [{"N": "1"}]},
        "c": {"L": [{"BOOL": True}]},
    }
    assert chosen.where == Operation(
        "or", (Operation("in", (A, X, Literal({"S": "?"}))), equal(B, ONE))
    )


@pytest.mark.parametrize(
    "written",
    [
        "",
        "DROP TABLE t",
        "SELECT * FROM t;",
        "SELECT * FROM t AS x WHERE a = 1",
        "SELECT * FROM t, u",
        "SELECT * FROM my-table",
        "SELECT * FROM t WHERE",
        "SELECT * FROM t WHERE a = 1 -- OR b = 1",
        "SELECT * FROM t WHERE a = 1 /* OR b = 1 */",
        "SELECT * FROM t WHERE a = 1 b = 1",
        "SELECT * FROM t WHERE a = 'x",
        "SELECT * FROM t WHERE a = `x`",
        "SELECT * FROM t WHERE a IN []",
        "SELECT * FROM t WHERE a = 1 = 1",
        "SELECT * FROM t WHERE a NOT 1",
        "SELECT * FROM t WHERE a = 1x",
        "SELECT * FROM t WHERE a[x] = 1",
        "SELECT * FROM t WHERE a IN (SELECT a FROM u)",
        "SELECT * FROM t WHERE " + "(" * 5000 + "a = 1" + ")" * 5000,
        "SELECT * FROM t WHERE a = ?",
        "INSERT INTO t VALUE {'a': 'kim', 'a': 'bob'}",
        "INSERT INTO t VALUE {a: 1}",
        "INSERT INTO t VALUE {'s': <<'x', 1>>}",
        "INSERT INTO t VALUE 'x'",
        "UPDATE t WHERE a = 1",
        "DELETE t WHERE a = 1",
    ],
)
def test_what_dynamodb_does_not_document_is_not_read(written: str) -> None:
    """Guessing would let through what the statement does not say."""
    with pytest.raises(UnreadableStatement, match="PartiQL"):
        parse(written)


def test_a_parameter_too_many_is_refused() -> None:
    """As DynamoDB refuses it: one of the two is not what was meant."""
    with pytest.raises(UnreadableStatement, match="more parameters"):
        parse("SELECT * FROM t WHERE a = ?", [{"S": "x"}, {"S": "y"}])
