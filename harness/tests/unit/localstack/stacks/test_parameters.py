"""Values of parameters are refused that CloudFormation refuses."""

from typing import Any

import pytest

from sam_harness.localstack.stacks.parameters import problems


def said(declaration: dict[str, Any], value: str | None) -> list[str]:
    """Return what is said of one parameter's value; None: it is not given."""
    given = {} if value is None else {"P": value}
    return list(problems({"Parameters": {"P": declaration}}, given))


@pytest.mark.parametrize(
    ("declaration", "good", "bad", "reason"),
    [
        ({"Type": "String", "AllowedValues": ["a"]}, "a", "z", "AllowedValues: a"),
        (
            {"Type": "Number", "AllowedValues": [1, 2]},
            "2.0",
            "3",
            "AllowedValues: 1, 2",
        ),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "ab", "ab1", "pattern"),
        ({"Type": "Number"}, "1.5", "one", "a number"),
        ({"Type": "Number", "MinValue": 5}, "5", "4", "not less than 5"),
        ({"Type": "Number", "MaxValue": 5}, "5", "6", "not greater than 5"),
        ({"Type": "String", "MinLength": 2}, "ab", "a", "at least 2"),
        ({"Type": "String", "MaxLength": 2}, "ab", "abc", "at most 2"),
        (
            {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]},
            "a, b",
            "a,c",
            "AllowedValues",
        ),
        ({"Type": "List<Number>"}, "1,2", "1,x", "a number"),
    ],
    ids=str,
)
def test_a_value_outside_its_bounds_is_refused(
    declaration: dict[str, Any], good: str, bad: str, reason: str
) -> None:
    """By name and reason; the one at the bound is taken."""
    assert said(declaration, good) == []
    (told,) = said(declaration, bad)
    assert "'P'" in told
    assert reason in told


def test_a_description_of_the_constraint_takes_the_reason_s_place() -> None:
    """As CloudFormation shows it."""
    declaration = {"MaxLength": 1, "ConstraintDescription": "is a letter"}

    assert said(declaration, "ab") == ["Parameter 'P' is a letter"]


def test_a_value_that_is_missing_or_unknown_is_named() -> None:
    """No default: it has to be given. An update that keeps one gives none."""
    template = {"Parameters": {"P": {"Type": "String"}}}

    assert list(problems(template, {})) == ["Parameters: [P] must have values"]
    assert list(problems(template, {}, kept={"P"})) == []
    assert "[Q] do not exist" in next(problems(template, {"P": "", "Q": ""}))


@pytest.mark.parametrize(
    ("stage", "is_taken"), [("production", False), ("test", True)], ids=str
)
def test_a_rule_holds_where_its_condition_does(
    stage: str,
    is_taken: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """The assertion's own words are told."""
    template = {
        "Parameters": {"Stage": {}, "Zones": {"Type": "CommaDelimitedList"}},
        "Rules": {
            "Spread": {
                "RuleCondition": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
                "Assertions": [
                    {
                        "Assert": {"Fn::Contains": [{"Ref": "Zones"}, "b"]},
                        "AssertDescription": "zone b is missing",
                    }
                ],
            }
        },
    }

    told = list(problems(template, {"Stage": stage, "Zones": "a,c"}))

    assert told == [] if is_taken else "zone b is missing" in told[0]


def test_a_rule_that_asks_the_account_is_refused() -> None:
    """It cannot be evaluated, so that nobody is told that it holds."""
    asks = {"Fn::Not": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}]}
    template = {"Rules": {"R": {"Assertions": [{"Assert": asks}]}}}

    with pytest.raises(ValueError, match="RefAll"):
        list(problems(template, {}))


@pytest.mark.parametrize(
    ("kind", "value", "is_fine"),
    [
        ("String", "it's", True),
        ("String", 'said "x"', False),
        ("String", "back\\slash", False),
        ("CommaDelimitedList", "a,b", False),
    ],
)
def test_a_value_that_json_would_escape_is_refused_in_one(
    kind: str, value: str, *, is_fine: bool
) -> None:
    """Where JSON is made of the parameter, and nowhere else."""
    json = {"Fn::ToJsonString": {200: {"Ref": "P"}}}
    template: dict[str, Any] = {"Parameters": {"P": {"Type": kind}}}

    assert not list(
        problems({**template, "Outputs": {"O": {"Ref": "P"}}}, {"P": value})
    )
    found = list(problems({**template, "Outputs": {"O": json}}, {"P": value}))

    assert (found == []) is is_fine
