"""What DynamoDB refuses in a KeyConditionExpression."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.dynamodb.reading import check_conditions

TYPES = {"pk": "S", "at": "N", "sk": "S"}
A, Z, ONE, TWO, TEN = {"S": "a"}, {"S": "z"}, {"N": "1"}, {"N": "2"}, {"N": "10"}
PK = "pk = :p"
MISMATCH = "does not match schema type"
BOUNDS = "upper bound to be greater"


def checked(said: str, *values: dict[str, str]) -> None:
    """Check a condition whose values are :p, :x and :y; #at is a name."""
    given = dict(zip((":p", ":x", ":y"), values, strict=False))
    request: dict[str, Any] = {"KeyConditionExpression": said}
    request["ExpressionAttributeValues"] = given
    request["ExpressionAttributeNames"] = {"#at": "at", "#or": "sk"}
    check_conditions(request, TYPES)


@pytest.mark.parametrize(
    ("said", "values", "reason"),
    [
        ("pk = :p", (ONE,), MISMATCH),
        (f"{PK} AND #at >= :x", (A, A), MISMATCH),
        (f"{PK} and at between :x and :y", (A, ONE, Z), MISMATCH),
        (f"{PK} AND begins_with(sk, :x)", (A, ONE), MISMATCH),
        (f"{PK} AND begins_with(at, :x)", (A, ONE), "operand type: N"),
        (f"{PK} AND sk BETWEEN :x AND :y", (A, Z, A), BOUNDS),
        (f"{PK} AND at BETWEEN :x AND :y", (A, TEN, TWO), BOUNDS),
        (f"{PK} OR sk = :x", (A, A), "operator .*: OR"),
        (f"{PK} AND sk <> :x", (A, A), "operator .*: <>"),
        (f"{PK} AND sk IN (:x)", (A, A), "operator .*: IN"),
        (f"{PK} AND sk > :x AND sk < :y", (A, A, Z), "one condition per key"),
        (f"{PK} AND begins_with(sk, :x) AND #or = :y", (A, A, A), "one condition per"),
    ],
)
def test_a_condition_that_dynamodb_refuses_is_refused(
    said: str, values: tuple[dict[str, str], ...], reason: str
) -> None:
    """A number where the key is a text, and what no key condition may say."""
    with pytest.raises(ValueError, match=reason):
        checked(said, *values)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        (PK, (A,)),
        (f"{PK} AND #at > :x", (A, ONE)),
        (f"{PK} AND #or = :x", (A, Z)),
        ("(pk=:p) AND (at BETWEEN :x AND :y)", (A, TWO, TEN)),
        (f"{PK} AND begins_with(sk, :x)", (A, A)),
        (f"{PK} AND begins_with ( sk , :x )", (A, A)),
        (f"{PK} AND sk <= :x", (A, A)),
    ],
)
def test_a_condition_that_dynamodb_takes_is_taken(
    said: str, values: tuple[dict[str, str], ...]
) -> None:
    """Ten is more than two, and a name may be called as an operator is."""
    checked(said, *values)
