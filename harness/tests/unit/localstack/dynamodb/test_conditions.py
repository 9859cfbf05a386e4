"""Conditions hold, or not, by the types of their operands."""

from typing import Any

import pytest
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType as Value
from moto.dynamodb.models.dynamo_type import Item

from sam_harness.localstack.corrections.dynamodb.moto_backend import install

STORED: dict[str, Any] = {
    "pk": {"S": "a"},
    "n": {"N": "1"},
    "zero": {"N": "0"},
    "huge": {"N": "12345678901234567890123456789012345678"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "octets": {"B": "YWJj"},
    "names": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.0"]},
    "list": {"L": [{"N": "1"}, {"S": "x"}]},
    "map": {"M": {"deep": {"N": "7"}}},
}


def holds(expression: str, item: dict[str, Any] | None = STORED, **values: Any) -> bool:  # noqa: ANN401 - DynamoDB's own
    """Whether moto, corrected, takes an expression for true."""
    install()
    given = {f":{name}": value for name, value in values.items()}
    stored = None if item is None else Item(Value(item["pk"]), None, item)
    names = {"#l": "list", "#m": "map", "#n": "names"}
    parsed = get_filter_expression(expression, names, given)
    return bool(parsed.expr(stored))


ONE, TEXT = {"N": "1"}, {"S": "1"}
LONGER = {"N": "12345678901234567890123456789012345679"}


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ("n = :v", {"N": "1.0"}, True),
        ("n = :v", TEXT, False),
        ("n <> :v", TEXT, True),
        ("n < :v", {"S": "x"}, False),
        ("n >= :v", {"N": "0.5"}, True),
        ("yes = :v", ONE, False),
        ("yes > :v", {"BOOL": False}, False),
        ("nothing = :v", {"NULL": True}, True),
        ("absent = :v", {"NULL": True}, False),
        ("absent <> :v", ONE, True),
        ("absent < :v", ONE, False),
        ("huge = :v", LONGER, False),
        ("huge < :v", LONGER, True),
        ("zero BETWEEN :v AND :v", {"N": "0"}, True),
        ("n BETWEEN :v AND :v", TEXT, False),
        ("n IN (:v)", TEXT, False),
        ("n IN (:v)", {"N": "1.00"}, True),
        ("#n = :v", {"SS": ["b", "a"]}, True),
        ("numbers = :v", {"NS": ["2", "1"]}, True),
        ("#l = :v", {"L": [{"N": "1.0"}, {"S": "x"}]}, True),
        ("#m = :v", {"M": {"deep": {"S": "7"}}}, False),
        ("#m.deep = :v", {"N": "7"}, True),
        ("#l[1] = :v", {"S": "x"}, True),
        ("begins_with(pk, :v)", {"S": "a"}, True),
        ("begins_with(octets, :v)", {"B": "YWI="}, True),
        ("begins_with(n, :v)", TEXT, False),
        ("contains(#n, :v)", {"S": "b"}, True),
        ("contains(numbers, :v)", {"N": "2"}, True),
        ("contains(numbers, :v)", {"S": "2"}, False),
        ("contains(#l, :v)", ONE, True),
        ("contains(#l, :v)", TEXT, False),
        ("contains(pk, :v)", {"S": "a"}, True),
        ("contains(n, :v)", ONE, False),
        ("size(pk) = :v", ONE, True),
        ("size(octets) > :v", {"N": "2"}, True),
        ("size(absent) = :v", ONE, False),
        ("size(n) = :v", ONE, False),
        ("attribute_exists(n) AND NOT n = :v", {"N": "2"}, True),
        ("attribute_not_exists(n) OR n = :v", ONE, True),
        ("attribute_type(n, :v)", {"S": "N"}, True),
    ],
)
def test_a_condition_compares_values_of_one_type(
    expression: str, value: dict[str, Any], *, expected: bool
) -> None:
    """Of two types none is equal, less or more; and nothing is an error."""
    assert holds(expression, v=value) is expected


def test_of_an_item_that_is_not_there_only_its_absence_holds() -> None:
    """Nothing is compared then."""
    assert holds("attribute_not_exists(pk)", None)
    assert not holds("pk = :v", None, v={"S": "a"})
    assert holds("", None)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("n = :nope", ":nope"),
        ("#nope = :v", "#nope"),
        ("((n = :v))", "redundant parentheses"),
        ("n = :v AND ((n = :v OR n = :v))", "redundant parentheses"),
        ("( ( attribute_exists(n) ) )", "redundant parentheses"),
    ],
)
def test_an_expression_that_aws_refuses_is_refused(
    expression: str, reason: str
) -> None:
    """As a ValidationException, not as an error of the server."""
    with pytest.raises(MockValidationException) as refused:
        holds(expression, v=ONE)
    assert reason in str(refused.value.message)


@pytest.mark.parametrize(
    "expression",
    ["(n = :v)", "(n = :v) AND (pk <> :v)", "((n = :v) OR (n = :v)) AND n = :v"],
)
def test_parentheses_around_something_are_taken(expression: str) -> None:
    """Also where several open at one place."""
    assert holds(expression, v=ONE)


@pytest.mark.parametrize("expression", ["n =", "n = = :v", "f(n)", "n = :v AND", "(n"])
def test_an_expression_that_is_none_is_refused(expression: str) -> None:
    """Also as a ValidationException."""
    with pytest.raises(MockValidationException):
        holds(expression, v=ONE)


def test_a_range_that_is_reversed_and_a_long_list_are_refused() -> None:
    """Before any item is looked at; bounds of two types merely never hold.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """
    with pytest.raises(MockValidationException, match="upper bound to be greater"):
        holds("pk = :l OR NOT n BETWEEN :h AND :l", h={"N": "10"}, l={"N": "2"})
    assert not holds("n BETWEEN :h AND :l", h={"N": "10"}, l={"S": "2"})
    values = {f"v{number}": {"N": str(number)} for number in range(101)}
    most = ", ".join(f":{name}" for name in list(values)[:100])
    assert holds(f"n IN ({most})", **values)
    with pytest.raises(MockValidationException, match="number of operands: 101"):
        holds(f"n IN ({most}, :v100)", **values)
