"""What LocalStack would hang on or lose is refused, or written so that it can tell."""

from typing import Any

import pytest

from sam_harness.localstack.stacks.template import circle, evaluable, with_defaults


def resources(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return resources that refer to each other."""
    return {name: {"Properties": one} for name, one in properties.items()}


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "B"},
        {"Fn::GetAtt": "B.Arn"},
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Fn::Sub": "x-${B.Arn}"},
        {"Fn::Sub": ["${B}${c}", {"c": 1}]},
        {"Fn::Join": ["", ["x", {"Ref": "B"}]]},
    ],
    ids=str,
)
def test_resources_that_wait_for_each_other_are_found(reference: object) -> None:
    """Whichever way they refer to each other; not what merely waits for them."""
    linked = resources(A={"p": reference}, B={"p": {"Ref": "A"}}, C={"p": {"Ref": "A"}})

    assert circle(linked) == ["A", "B"]


def test_a_resource_that_depends_on_itself_is_found() -> None:
    """DependsOn stands beside the properties."""
    assert circle({"A": {"DependsOn": ["A"]}}) == ["A"]


def test_an_api_that_names_its_function_makes_no_circle_with_its_event() -> None:
    """SAM makes a permission of the event: the function waits for nothing."""
    events = {"Get": {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}}}}
    made = resources(Api={"Uri": {"Ref": "Function"}}, Function={"Events": events})
    function = {**made["Function"], "Type": "AWS::Serverless::Function"}

    assert circle({**made, "Function": function}) == []
    assert circle(made) == ["Api", "Function"]


@pytest.mark.parametrize(
    "reference", [{"Fn::Sub": "${!B}"}, {"Fn::Sub": ["${B}", {"B": 1}]}, "B"], ids=str
)
def test_what_is_no_reference_makes_no_circle(reference: object) -> None:
    """A literal, a variable of Fn::Sub's own, a text."""
    assert circle(resources(A={"p": reference}, B={"p": {"Ref": "A"}})) == []


def test_an_attribute_named_in_one_text_is_named_in_two() -> None:
    """YAML may have either; what follows the first point is the attribute."""
    made = evaluable({"p": {"Fn::GetAtt": "Nested.Outputs.Name"}})

    assert made == {"p": {"Fn::GetAtt": ["Nested", "Outputs.Name"]}}


def test_a_literal_variable_stays_as_it_is_written() -> None:
    """The policy variable reaches IAM; what is a reference stays one."""
    made = evaluable({"Fn::Sub": "${AWS::Partition}/${!aws:userid}"})

    text, own = made["Fn::Sub"]
    (name,) = own
    assert text == f"${{AWS::Partition}}/${{{name}}}"
    assert own[name] == "${aws:userid}"


def test_a_boolean_in_a_text_is_written_as_cloudformation_does() -> None:
    """LocalStack would have Python's words for it: True."""
    choice = {"Fn::If": ["C", True, False]}
    joined = evaluable({"Fn::Join": [",", [True, 1, choice]]})
    put_in = evaluable({"Fn::Sub": ["${a}", {"a": False}]})

    assert joined == {
        "Fn::Join": [",", ["true", "1", {"Fn::If": ["C", "true", "false"]}]]
    }
    assert put_in == {"Fn::Sub": ["${a}", {"a": "false"}]}


def test_parameters_conditions_and_maps_are_texts() -> None:
    """As CloudFormation has them: 1 and "1" are the same, and a number's type counts.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    given: dict[str, Any] = {
        "Flag": {"Type": "String", "Default": True, "NoEcho": False},
        "Count": {"Type": "Number", "MinValue": 1},
    }
    maps = {"M": {1: {"a": 2, "b": [3, True]}}}
    is_one = {"Fn::Equals": [{"Ref": "Count"}, 1]}
    told = {"Parameters": given, "Mappings": maps, "Conditions": {"One": is_one}}

    made = evaluable({**told, "Resources": {"A": 1}})

    assert made == {
        "Parameters": {
            "Flag": {"Type": "String", "Default": "true", "NoEcho": False},
            "Count": {"Type": "String", "MinValue": 1},
        },
        "Mappings": {"M": {"1": {"a": "2", "b": ["3", "true"]}}},
        "Conditions": {"One": {"Fn::Equals": [{"Ref": "Count"}, "1"]}},
        "Resources": {"A": 1},
    }
    assert evaluable({}) == {}


def test_a_number_finds_its_entry_in_a_map() -> None:
    """Its keys are texts."""
    assert evaluable({"Fn::FindInMap": ["M", 1, "a"]}) == {
        "Fn::FindInMap": ["M", "1", "a"]
    }


def test_what_a_policy_compares_with_and_an_account_is_text() -> None:
    """IAM needs no quotation marks there; LocalStack would refuse the policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    choice = {"Fn::If": ["C", True, {"Ref": "P"}]}
    tests = {"Bool": {"a:b": choice}, "NumericLessThan": {"a:c": 3600, "a:d": [1, 2]}}
    who = {"AWS": 111122223333}
    named = {"Principal": who, "NotPrincipal": who, "Action": "*"}
    statement = {"Effect": "Allow", "Condition": tests, **named}

    made = evaluable([statement, {"Condition": "C"}])

    texts = {"Fn::If": ["C", "true", {"Ref": "P"}]}
    assert made[0]["Condition"] == {
        "Bool": {"a:b": texts},
        "NumericLessThan": {"a:c": "3600", "a:d": ["1", "2"]},
    }
    assert made[0]["Principal"] == made[0]["NotPrincipal"] == {"AWS": "111122223333"}
    assert made[1] == {"Condition": "C"}


def test_an_entry_with_a_default_is_chosen_by_conditions() -> None:
    """Where its keys are written down, it is known; LocalStack knows no default."""
    default = {"DefaultValue": 256}
    asked = ["M", {"Ref": "Stage"}, "memory", default]
    template: dict[str, Any] = {
        "Mappings": {"M": {"prod": {"memory": 512}, "test": {"other": 1}}},
        "Conditions": {"Own": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "open": {"Fn::FindInMap": asked},
            "there": {"Fn::FindInMap": ["M", "prod", "memory", default]},
            "not": {"Fn::FindInMap": ["M", "absent", "memory", default]},
        },
    }

    made = with_defaults(template)

    inner = {"Fn::If": ["HarnessKey1", 512, 256]}
    wanted = {"open": {"Fn::If": ["HarnessKey2", 256, inner]}, "there": 512, "not": 256}
    assert made["Resources"] == wanted
    assert made["Conditions"]["HarnessKey1"] == {
        "Fn::Equals": [{"Ref": "Stage"}, "prod"]
    }
    assert made["Conditions"]["Own"] == template["Conditions"]["Own"]


def test_zones_and_blocks_are_written_out() -> None:
    """Three zones of the region; the blocks that AWS's own example has."""
    zones = evaluable({"Fn::GetAZs": ""})
    blocks = evaluable({"Fn::Cidr": ["10.0.0.0/16", 2, 8]})

    assert zones[1] == {"Fn::Join": ["", [{"Ref": "AWS::Region"}, "b"]]}
    assert blocks == ["10.0.0.0/24", "10.0.1.0/24"]


def test_blocks_of_what_is_not_known_yet_are_refused() -> None:
    """With the function's name, instead of an output that is missing."""
    with pytest.raises(ValueError, match="Fn::Cidr"):
        evaluable({"a": [{"Fn::Cidr": [{"Ref": "Vpc"}, 1]}]})


def test_a_service_is_named_as_policies_name_it() -> None:
    """AWS::URLSuffix is the emulator's host in URLs only."""
    suffix, url = {"Ref": "AWS::URLSuffix"}, {"Fn::Sub": "https://a.${AWS::URLSuffix}"}
    named = {"Fn::Sub": "lambda.${AWS::URLSuffix}"}
    statement = {"Effect": "Allow", "Principal": {"Service": [named, suffix]}}

    made = evaluable({"policy": [statement], "url": url})

    assert made["policy"][0]["Principal"]["Service"] == [
        {"Fn::Sub": "lambda.amazonaws.com"},
        "amazonaws.com",
    ]
    assert made["url"] == url


def test_json_holds_what_functions_give() -> None:
    """LocalStack would write the functions themselves into the text."""
    reference, text = {"Ref": "A"}, {"Fn::Join": ["", [{"Ref": "A"}, "b"]]}
    said = {"Fn::ToJsonString": {"a": [1, True, reference], "b": text, "c": "${d}"}}

    found = evaluable({"x": said, "y": {"Fn::ToJsonString": [1, "z"]}})

    [written, given] = found["x"]["Fn::Sub"]
    assert found["y"] == {"Fn::Sub": ['[1,"z"]', {}]}
    assert list(given.values())[:2] == [reference, text]
    first, second, literal = given
    whole = f'{{"a":[1,true,"${{{first}}}"],"b":"${{{second}}}","c":"${{{literal}}}"}}'
    assert written == whole
    assert given[literal] == "${d}"


@pytest.mark.parametrize(
    "function",
    ["Fn::If", "Fn::Split", "Fn::ForEach::N", "Fn::Length", "Fn::FindInMap"],
)
def test_json_of_what_may_be_no_text_is_refused(function: str) -> None:
    """It would be written as Python does."""
    with pytest.raises(ValueError, match=f"{function} in Fn::ToJsonString"):
        evaluable({"Fn::ToJsonString": {"a": {"b": 1, function: ["x", "y"]}}})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"Ref": "AWS::NoValue"}, "AWS::NoValue"),
        ({"Fn::Sub": 'He said "${A}"'}, "text to escape"),
        ({"Fn::ToJsonString": {"b": 1}}, "text to escape"),
    ],
)
def test_json_that_would_be_none_is_refused(
    said: dict[str, object], reason: str
) -> None:
    """What a function gives is put between quotation marks as it is."""
    with pytest.raises(ValueError, match=reason):
        evaluable({"Fn::ToJsonString": {"a": said}})


def test_a_key_of_json_is_a_text_as_it_stands() -> None:
    """A number of YAML's, and what only looks like a reference."""
    found = evaluable({"Fn::ToJsonString": {200: "x", "${A}": 1}})

    [written, given] = found["Fn::Sub"]
    assert {*given.values()} <= {"${A}"}
    assert written.startswith('{"200":"x","${')
