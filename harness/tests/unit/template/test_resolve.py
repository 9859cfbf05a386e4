"""Intrinsic functions become the values that a deployment would give them."""

from collections.abc import Mapping

import pytest

from sam_harness.errors import HarnessError
from sam_harness.template.names import Place
from sam_harness.template.resolver import Resolver

PARAMETERS = {
    "Stage": {"Type": "String", "Default": "test"},
    "Seconds": {"Type": "Number", "Default": 30},
    "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "Secret": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/key"},
}
CONDITIONS = {
    "IsProduction": {"Fn::Equals": [{"Ref": "Stage"}, "production"]},
    "IsTest": {"Fn::Not": [{"Condition": "IsProduction"}]},
    "Both": {"Fn::And": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
    "Either": {"Fn::Or": [{"Condition": "IsProduction"}, {"Condition": "IsTest"}]},
    "Half": {"Fn::Equals": [{"Ref": "Seconds"}, "30"]},
}


def resolved(
    value: object,
    parameters: dict[str, str] | None = None,
    **sections: Mapping[str, object],
) -> object:
    """Resolve one value in a stack; ``Resources`` are added to those it has."""
    queue = {"QueueName": {"Fn::Sub": "${AWS::StackName}-jobs"}}
    resources: dict[str, object] = {
        "Named": {"Type": "AWS::SQS::Queue", "Properties": queue},
        "Probe": {"Type": "Test::Probe", "Properties": {"Value": value}},
    }
    resources.update(sections.pop("Resources", {}))
    template: dict[str, object] = {
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Mappings": {"Sizes": {"test": {"memory": 128}}},
        "Resources": resources,
    } | sections
    place = Place("1234", "eu-west-1", "aws", "shop")
    stack = Resolver(template, parameters or {}, place).template()
    return stack["Resources"]["Probe"]["Properties"].get("Value", "absent")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Stage"}, "test"),
        ({"Ref": "Seconds"}, 30),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "Secret"}, "{{resolve:ssm:/key}}"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::NoValue"}, "absent"),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"Fn::If": ["IsProduction", 1, {"Ref": "Seconds"}]}, 30),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::If": ["Half", "yes", "no"]}, "yes"),
        ({"Fn::Sub": "${Stage}/${!Stage}/${AWS::Region}"}, "test/${Stage}/eu-west-1"),
        ({"Fn::Sub": ["${A}-${Named.QueueName}", {"A": 1}]}, "1-shop-jobs"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Seconds"}]]}, "a-30"),
        ({"Fn::Select": ["1", {"Ref": "Zones"}]}, "b"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 128),
        ({"Fn::FindInMap": ["Sizes", "x", "memory", {"DefaultValue": 1}]}, 1),
        ({"Fn::Base64": "hi"}, "aGk="),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
        ({"Fn::ToJsonString": {"a": {"Ref": "Seconds"}}}, '{"a":30}'),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Ref": "Named"}, "https://sqs.eu-west-1.amazonaws.com/1234/shop-jobs"),
        ({"Fn::GetAtt": ["Named", "Arn"]}, "arn:aws:sqs:eu-west-1:1234:shop-jobs"),
        ({"Fn::GetAtt": "Named.QueueName"}, "shop-jobs"),
    ],
)
def test_a_function_gives_its_value(value: object, expected: object) -> None:
    """With the parameters' defaults."""
    assert resolved(value) == expected


@pytest.mark.parametrize(
    ("kind", "ref", "arn"),
    [
        ("DynamoDB::Table", "shop-It", "dynamodb:eu-west-1:1234:table/shop-It"),
        ("IAM::Role", "shop-It", "iam::1234:role/shop-It"),
        ("Lambda::Function", "shop-It", "lambda:eu-west-1:1234:function:shop-It"),
        ("Logs::LogGroup", "shop-It", "logs:eu-west-1:1234:log-group:shop-It:*"),
        ("S3::Bucket", "shop-it", "s3:::shop-it"),
        (
            "SNS::Topic",
            "arn:aws:sns:eu-west-1:1234:shop-It",
            "sns:eu-west-1:1234:shop-It",
        ),
    ],
)
def test_an_unnamed_resource_is_called_after_stack_and_logical_id(
    kind: str, ref: str, arn: str
) -> None:
    """Deterministic, so that policies and resources meet."""
    both = [{"Ref": "It"}, {"Fn::GetAtt": ["It", "Arn"]}]

    assert resolved(both, Resources={"It": {"Type": f"AWS::{kind}"}}) == [
        ref,
        f"arn:aws:{arn}",
    ]


def test_a_name_that_a_condition_takes_away_is_made_up() -> None:
    """A queue whose QueueName is AWS::NoValue is called after its logical id."""
    name = {"Fn::If": ["IsProduction", "jobs", {"Ref": "AWS::NoValue"}]}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}

    value = resolved({"Fn::GetAtt": "It.QueueName"}, Resources={"It": queue})

    assert value == "shop-It"


def test_given_parameters_win_over_defaults() -> None:
    """They are text, as on a command line."""
    value = [{"Ref": "Seconds"}, {"Fn::If": ["IsProduction", "yes", "no"]}]

    assert resolved(value, {"Stage": "production", "Seconds": "5"}) == [5, "yes"]


def test_what_a_condition_switches_off_is_gone() -> None:
    """Resources and outputs alike."""
    template = {
        "Parameters": PARAMETERS,
        "Conditions": CONDITIONS,
        "Resources": {
            "On": {"Type": "AWS::SNS::Topic", "Condition": "IsTest"},
            "Off": {"Type": "AWS::SNS::Topic", "Condition": "IsProduction"},
        },
        "Outputs": {"Gone": {"Condition": "IsProduction", "Value": {"Ref": "Off"}}},
    }

    stack = Resolver(template, {}, Place("1", "r", "aws", "s")).template()

    assert list(stack["Resources"]) == ["On"]
    assert stack["Outputs"] == {}


@pytest.mark.parametrize(
    ("value", "parameters", "message"),
    [
        ({"Ref": "Nothing"}, {}, "no such resource or parameter in the template: Noth"),
        ({"Fn::If": ["Nothing", 1, 2]}, {}, "no such condition in the template: Noth"),
        ({"Fn::Unheard": 1}, {}, r"cannot resolve Fn::Unheard at Resources\.Probe"),
        ({"Fn::Transform": {}}, {}, "AWS::Include of a file on this machine"),
        ({"Fn::ImportValue": "vpc"}, {}, "another stack exports vpc"),
        ({"Fn::Select": [9, {"Ref": "Zones"}]}, {}, "Fn::Select at .*out of range"),
        ({"Fn::FindInMap": ["Sizes", "x", "memory"]}, {}, "no entry Sizes/x/memory"),
        (1, {"Stgae": "x"}, "no such parameter in the template: Stgae"),
        (1, {"Seconds": "soon"}, "parameter Seconds: 'soon' is no number"),
    ],
)
def test_what_cannot_be_known_is_refused(
    value: object, parameters: dict[str, str], message: str
) -> None:
    """A guess would make a check pass for the wrong reason."""
    with pytest.raises(HarnessError, match=message):
        resolved(value, parameters)


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Select": [0, {"Fn::GetAtt": ["Endpoint", "DnsEntries"]}]},
        {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Endpoint"}]}]},
    ],
)
def test_what_a_resource_will_have_is_left_to_the_deployment(value: object) -> None:
    """Nothing is refused for what only looks right before: no list, too few parts."""
    found = resolved(value, Resources={"Endpoint": {"Type": "AWS::EC2::VPCEndpoint"}})

    assert str(found).startswith("<unknown: Fn::Select at Resources.Probe")


def test_a_parameter_without_a_value_is_refused() -> None:
    """The message says which."""
    with pytest.raises(HarnessError, match="parameter Key has no default"):
        resolved({"Ref": "Key"}, Parameters={"Key": {"Type": "String"}})


def test_circular_names_are_refused() -> None:
    """Two conditions that ask each other."""
    conditions = {
        "A": {"Fn::Not": [{"Condition": "B"}]},
        "B": {"Fn::Not": [{"Condition": "A"}]},
    }
    with pytest.raises(HarnessError, match="circular reference: condition A"):
        resolved({"Fn::If": ["A", 1, 2]}, Conditions=conditions)
