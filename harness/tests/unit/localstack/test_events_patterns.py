"""Which event patterns AWS knows, and which events they match.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import json
from typing import Any

import pytest

from sam_harness.localstack.corrections import events_patterns as rules


def matches(condition: object, *values: object) -> list[bool]:
    """Tell of each value whether the field that has it fulfils a condition."""
    pattern = {"field": [condition]}
    rules.check_pattern({"EventPattern": json.dumps(pattern)})
    return [rules.matches(pattern, {"field": one}) for one in values]


def refusal(pattern: object) -> str:
    """Return the words with which a pattern is refused."""
    with pytest.raises(
        ValueError, match=r"^Event pattern is not valid\. Reason: "
    ) as no:
        rules.check_pattern({"EventPattern": json.dumps(pattern)})
    return str(no.value)


@pytest.mark.parametrize(
    ("condition", "matched", "others"),
    [
        ("a", ["a", ["b", "a"]], ["A", "", None, 1, [], {"a": 1}]),
        ("", [""], [None, "a"]),
        (None, [None, [None]], ["null", [], 0, False]),
        (1, [1, 1.0, [2, 1]], ["1", True, 1.5, None]),
        (True, [True], [1, "true", False]),
        ({"prefix": "a"}, ["ab", ["b", "a"]], ["ba", "A", 1, None]),
        ({"prefix": ""}, ["", "a"], [1]),
        ({"prefix": {"equals-ignore-case": "Ab"}}, ["aBc"], ["b", 1]),
        ({"suffix": ".png"}, ["a.png"], ["a.PNG", 1, None]),
        ({"suffix": {"equals-ignore-case": ".png"}}, ["a.PNG"], ["png", 1]),
        ({"equals-ignore-case": "Alice"}, ["aLICE"], ["Alice ", 1, None]),
        ({"anything-but": "a"}, ["b", 1, None, ["a", "b"]], ["a", ["a", "a"], []]),
        ({"anything-but": ["a", "b"]}, ["c", 1], ["a", "b"]),
        ({"anything-but": 0}, [1, "0", False], [0, 0.0]),
        ({"anything-but": [1, 2]}, [3, True], [1, 2.0]),
        ({"anything-but": {"prefix": "a"}}, ["b", 1, None], ["ab"]),
        ({"anything-but": {"prefix": ["a", "b"]}}, ["c"], ["a1", "b1"]),
        ({"anything-but": {"suffix": ["a", "b"]}}, ["c", 1], ["1a", "1b"]),
        ({"anything-but": {"wildcard": ["*/a/*"]}}, ["/b/", 1], ["x/a/y"]),
        ({"anything-but": {"equals-ignore-case": "a"}}, ["b", 1], ["A", "a"]),
        ({"numeric": ["=", 3.018e2]}, [301.8], ["301.8", 301, None]),
        ({"numeric": ["<", 10]}, [9.9, -1, 0], [10, "9", True, None]),
        ({"numeric": [">", 0, "<=", 5]}, [0.1, 5], [0, 5.1]),
        ({"numeric": [">=", 0, "<", 5]}, [0, 4], [5, -1]),
        ({"cidr": "10.0.0.0/24"}, ["10.0.0.255"], ["10.0.1.0", "a", 167772160]),
        ({"cidr": "2001:db8::/32"}, ["2001:db8:1::"], ["2002::", "10.0.0.0"]),
        ({"cidr": "10.0.0.7/24"}, ["10.0.0.8"], ["10.0.1.8"]),
        ({"wildcard": "a*c"}, ["ac", "a\nc", "abc"], ["acd", "AC", 1]),
        ({"wildcard": r"\*\\*"}, [r"*\ab"], [r"a\b", "*ab"]),
        ({"wildcard": ""}, [""], ["a"]),
        ({"wildcard": "a.c"}, ["a.c"], ["abc"]),
        ({"wildcard": "ab*ba"}, ["abba", "ab-ba"], ["aba"]),
        ({"wildcard": "a*b*b"}, ["abb", "aab-b"], ["ab", "acb"]),
        ({"wildcard": "*a*a*a*a*b"}, ["aaaab"], ["a" * 5000]),
        ({"exists": True}, [None, "", [1]], [[], {}, {"a": 1}]),
        ({"exists": False}, [[], {"a": 1}], [None, 0, [1]]),
    ],
)
def test_a_condition_holds_for_what_aws_says(
    condition: object, matched: list[object], others: list[object]
) -> None:
    """Of a list for one element is enough; an empty one is no field."""
    assert matches(condition, *matched) == [True] * len(matched)
    assert matches(condition, *others) == [False] * len(others)


EACH = {"orders": {"of": ["a"], "n": [{"numeric": [">", 1]}]}}
EITHER = {"a": [1], "$or": [{"b": [1]}, {"c": {"d": [1]}, "$or": [EACH, {"e": [1]}]}]}


@pytest.mark.parametrize(
    ("pattern", "event", "is_matched"),
    [
        ({"a": [1], "b": [2]}, {"a": 1, "b": 2, "c": 3}, True),
        ({"a": [1], "b": [2]}, {"a": 1}, False),
        ({"a": {"b": [1]}}, {"a": '{"b": 1}'}, False),
        ({"a.b": [1]}, {"a": {"b": 1}}, True),
        ({"a": {"b": [1]}}, {"a.b": 1}, True),
        ({"a": {"b": [{"exists": False}]}}, {}, True),
        ({"a": {"b": [{"exists": False}, "x"]}}, {"a": {"b": "x"}}, True),
        ({"a": {"b": [{"exists": False}]}}, {"a": [{"c": 1}, {"b": 1}]}, False),
        (EACH, {"orders": [{"of": "b", "n": 2}, {"of": "a", "n": 2}]}, True),
        (EACH, {"orders": [{"of": "b", "n": 2}, {"of": "a", "n": 1}]}, False),
        (EACH, {"orders": [[{"of": "b"}, {"of": "a", "n": [1, 2]}]]}, True),
        (EITHER, {"a": 1, "b": 1}, True),
        (EITHER, {"b": 1}, False),
        (EITHER, {"a": 1, "c": {"d": 1}}, False),
        (EITHER, {"a": 1, "c": {"d": 1}, "e": 1}, True),
        (EITHER, {"a": 1, "c": {"d": 1}, "orders": {"of": "a", "n": 2}}, True),
        ({"x": {"$or": [{"a": [1]}, {"b": [1]}]}}, {"x": {"b": 1}}, True),
        (
            {name: [{"prefix": ""}] for name in "abcde"} | {"f": [1]},
            {name: ["x"] * 100 for name in "abcdef"},
            False,
        ),
    ],
)
def test_fields_are_matched_together(
    pattern: dict[str, Any],
    event: dict[str, Any],
    is_matched: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """All of them, those of a list of objects in one of these objects."""
    rules.check_pattern({"EventPattern": json.dumps(pattern)})
    assert rules.matches(pattern, event) == is_matched


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ([], "Filter is not an object"),
        ({}, "Empty objects are not allowed"),
        ({"a": {}}, "Empty objects are not allowed"),
        ({"a": []}, "Empty arrays are not allowed"),
        ({"a": 1}, '"a" must be an object or an array'),
        ({"a": [[1]]}, "Match value must be String, number, true, false, or null"),
        ({"$or": {"a": [1]}}, "It must be an Array followed with $or."),
        ({"$or": ["a"]}, "Only JSON object is allowed in array of $or relationship."),
        ({"$or": [{"a": [1]}]}, "There must have at least 2 Objects in $or"),
        ({"$or": [{"a": [1]}, {"b": 1}]}, '"b" must be an object or an array'),
        ({"$or": [{"a": {"b": [1]}}, {"prefix": ["x"]}]}, "prefix is Ruler reserved"),
        ({"a": [float("nan")]}, "NaN is no number of JSON"),
        ({f"a{i}": {"$or": [{"b": [1]}, {"c": [1]}]} for i in range(10)}, "1000 comb"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: object, reason: str) -> None:
    """With the reason, and not when an event comes."""
    assert reason in refusal(pattern)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({}, "Only one key allowed"),
        ({"prefix": "a", "suffix": "b"}, "Only one key allowed"),
        ({"PREFIX": "a"}, "Unrecognized match type PREFIX"),
        ({"prefix": 1}, "prefix match pattern must be a string"),
        ({"prefix": {"suffix": "a"}}, "prefix match pattern must be a string"),
        ({"equals-ignore-case": {"equals-ignore-case": "a"}}, "must be a string"),
        ({"exists": "true"}, "exists match pattern must be either true or false."),
        ({"anything-but": None}, "Value of anything-but must be"),
        ({"anything-but": []}, "Value of anything-but must be"),
        ({"anything-but": ["a", 1]}, "Value of anything-but must be"),
        ({"anything-but": ["a", None]}, "Value of anything-but must be"),
        ({"anything-but": {"cidr": "10.0.0.0/8"}}, "Unsupported anything-but"),
        ({"anything-but": {"prefix": ""}}, "Null prefix/suffix not allowed"),
        ({"anything-but": {"prefix": ["a", 1]}}, "must be a string"),
        ({"anything-but": {"prefix": "a", "suffix": "b"}}, "Only one key allowed"),
        ({"numeric": 1}, "Value of numeric must be an array."),
        ({"numeric": []}, "must be numeric"),
        ({"numeric": ["=", "1"]}, "Value of = must be numeric"),
        ({"numeric": [">", 0, "<"]}, "Value of < must be numeric"),
        ({"numeric": [["="], 1]}, "Unrecognized numeric range operator"),
        ({"numeric": ["<", 1, ">", 0]}, "Too many elements in numeric expression"),
        ({"numeric": [">", 1, ">", 2]}, "Bad numeric range operator: >"),
        ({"numeric": [">", 2, "<", 1]}, "Bottom must be less than top"),
        ({"numeric": [">", 1, "<", 2, "<", 3]}, "Too many elements"),
        ({"cidr": ["10.0.0.0/8"]}, "prefix match pattern must be a string"),
        ({"cidr": "10.0.0.0"}, "Malformed CIDR, one '/' required"),
        ({"cidr": "10.0.0.0/a"}, "Malformed CIDR, mask bits must be an integer"),
        ({"cidr": "10.0.0/8"}, "Nonstandard IP address: 10.0.0"),
        ({"wildcard": ["a"]}, "wildcard match pattern must be a string"),
        ({"wildcard": "a**"}, "Consecutive wildcard characters at pos 2"),
        ({"wildcard": r"a\b"}, "Invalid escape character"),
        ({"wildcard": "*a*a*a*a*a*"}, "Rule is too complex"),
    ],
)
def test_a_condition_that_there_is_not_is_refused(
    condition: object, reason: str
) -> None:
    """Wherever in a pattern it is."""
    assert reason in refusal({"a": [condition]})
    assert reason in refusal({"$or": [{"b": [1]}, {"a": {"b": [1, condition]}}]})


@pytest.mark.parametrize(
    "condition",
    [{"cidr": "10.0.0.0/8"}, {"wildcard": "a*"}, {"anything-but": {"prefix": "a"}}],
)
def test_lambda_has_fewer_operators(condition: object) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html."""
    pattern = json.dumps({"body": {"a": [condition]}})
    rules.check_pattern({"EventPattern": pattern})

    with pytest.raises(ValueError, match=r"^Invalid filter pattern definition\."):
        rules.check_filters({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}})


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_a_mapping_needs_no_filter(criteria: object) -> None:
    """Nor does a rule with a schedule need a pattern."""
    rules.check_filters({"FilterCriteria": criteria})
    rules.check_pattern({"EventPattern": None})


@pytest.mark.parametrize("text", ["", "{", '"a"', None])
def test_a_filter_is_an_object_of_json(text: str | None) -> None:
    """What it is else, Lambda says of none."""
    with pytest.raises(ValueError, match=r"^Invalid filter pattern definition\."):
        rules.check_filters({"FilterCriteria": {"Filters": [{"Pattern": text}]}})


def test_a_pattern_of_too_many_levels_is_refused() -> None:
    """Python reads no more than some hundred."""
    levels = '{"a":' * 100_000 + "[1]" + "}" * 100_000
    with pytest.raises(ValueError, match="Event pattern is not valid"):
        rules.check_pattern({"EventPattern": levels})


def test_a_filter_policy_of_sns_is_a_pattern() -> None:
    """As a subscription is made, and as it is changed; {} is none."""
    wrong = json.dumps({"a": [{"anything_but": "b"}]})
    changed = {"AttributeName": "FilterPolicy", "AttributeValue": wrong}
    for request in ({"Attributes": {"FilterPolicy": wrong}}, changed):
        with pytest.raises(ValueError, match=r"^Invalid parameter: FilterPolicy: "):
            rules.check_policy(request)

    for policy in (None, "{}", json.dumps({"a": [{"prefix": "b"}]})):
        rules.check_policy({"Attributes": {"FilterPolicy": policy}})
    rules.check_policy(changed | {"AttributeName": "DeliveryPolicy"})
