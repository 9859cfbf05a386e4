"""A template that CloudFormation would not read is refused, and no other."""

from typing import Any

import pytest

from sam_harness.localstack.stacks.form import (
    lacking,
    no_texts,
    problems,
    unresolved,
)

QUEUE: dict[str, Any] = {"Type": "AWS::SQS::Queue"}
INNER: dict[str, Any] = {"Fn::ForEach::I": ["M", ["B"], {"${N}${M}": QUEUE}]}
EXTENSIONS: dict[str, Any] = {"Transform": "AWS::LanguageExtensions"}


def template(
    resource: dict[str, Any] | None = None, **sections: object
) -> dict[str, Any]:
    """Return a template of one resource, and of further sections."""
    return {"Resources": {"Queue": QUEUE | (resource or {})}, **sections}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"Outputs": {}}, "At least one Resources member"),
        (
            template(Outputs={"Fn::ForEach::O": ["N", ["A"], {}]}, **EXTENSIONS),
            "Fn::ForEach::O can be had here in Resources",
        ),
        (
            template(Conditions={"Fn::ForEach::C": ["N", ["A"], {}]}, **EXTENSIONS),
            "Fn::ForEach::C can be had here in Resources",
        ),
        (
            {"Resources": {"Fn::ForEach::Q": ["N", ["A"], INNER]}, **EXTENSIONS},
            "Fn::ForEach::I can be had here in Resources and not in another one",
        ),
        (template(Resourcess={}), "template property or properties [Resourcess]"),
        (template({"Propertes": {}}), "template resource property 'Propertes'"),
        (template({"DeletionPolicy": "Keep"}), "does not support DeletionPolicy Keep"),
        (template({"DeletionPolicy": "Snapshot"}), "DeletionPolicy Snapshot"),
        (template({"UpdateReplacePolicy": "Never"}), "UpdateReplacePolicy Never"),
        (template({"Properties": {"A": [{"Fn::Foo": 1}]}}), "function: Fn::Foo"),
        (template(Outputs={"O": {"Value": {"Fn::Length": []}}}), "Fn::Length"),
        (
            template(Conditions={"C": {"Fn::Equals": [{"Ref": "Queue"}, "x"]}}),
            "cannot reference resources: Queue",
        ),
    ],
    ids=str,
)
def test_a_template_that_cloudformation_refuses_is_refused(
    wrong: dict[str, Any], said: str
) -> None:
    """LocalStack takes it, and leaves out what it does not know."""
    assert said in "; ".join(problems(wrong))


@pytest.mark.parametrize(
    "right",
    [
        template({"DeletionPolicy": "RetainExceptOnCreate", "Metadata": {"Fn::X": 1}}),
        template({"DeletionPolicy": {"Ref": "Kept"}}, **EXTENSIONS),
        template({"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "Snapshot"}),
        template(Outputs={"O": {"Value": {"Fn::Length": []}}}, **EXTENSIONS),
        template({"Type": "Custom::Thing", "Version": "1.0"}),
        template(Globals={}, Transform="AWS::Serverless-2016-10-31"),
        {"Resources": {"Fn::ForEach::Q": ["N", ["A"], {"${N}": QUEUE}]}, **EXTENSIONS},
        {"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}},
        template({"Fn::Transform": {"Name": "AWS::Include"}}, Rules={}, Mappings={}),
    ],
    ids=str,
)
def test_a_template_that_cloudformation_takes_is_taken(right: dict[str, Any]) -> None:
    """What a transform makes more of is left to it."""
    assert not list(problems(right))


def test_an_output_is_a_text() -> None:
    """A list, an object or nothing is none; a text that looks like one of them is."""
    values = ["Nothing", "['a']", "{'a': 1}", '["a"]', '{"a": 1}', "None", ""]
    outputs = [
        {"OutputKey": str(number), "OutputValue": value}
        for number, value in enumerate(values)
    ]

    found = list(no_texts(outputs, {"Outputs": {}}))

    assert [one.split()[1] for one in found] == ["0", "1", "2"]
    assert not list(no_texts(outputs[:1], {"Outputs": {"0": {"Value": "Nothing"}}}))


def test_what_was_made_refers_to_nothing_that_a_condition_left() -> None:
    """LocalStack leaves the property out; what Fn::If has need not be chosen."""
    absent: dict[str, Any] = {"Ref": "Left"}
    chosen = {"Fn::If": ["C", absent, "x"]}
    resources: dict[str, Any] = {
        "Left": QUEUE | {"Condition": "C"},
        "Refers": QUEUE | {"Properties": {"A": [{"B": absent}]}},
        "Chooses": QUEUE | {"Properties": {"A": chosen}, "DependsOn": "Left"},
        "LeftToo": QUEUE | {"Condition": "C", "Properties": {"A": absent}},
    }

    [(name, kind, said)] = unresolved(resources, {"Refers", "Chooses"})

    assert (name, kind) == ("Refers", "AWS::SQS::Queue")
    assert said.startswith("Unresolved resource dependencies [Left] in the Resources")
    assert not [*unresolved(resources, resources)]


@pytest.mark.parametrize(
    ("kind", "properties", "granted", "missing"),
    [
        ("IAM::Role", {}, (), "CAPABILITY_IAM"),
        ("IAM::Role", {}, ("CAPABILITY_AUTO_EXPAND",), "CAPABILITY_IAM"),
        ("IAM::Role", {}, ("CAPABILITY_IAM",), ""),
        ("IAM::Role", {}, ("CAPABILITY_NAMED_IAM",), ""),
        ("IAM::Role", {"RoleName": "r"}, ("CAPABILITY_IAM",), "CAPABILITY_NAMED_IAM"),
        ("IAM::Role", {"RoleName": "r"}, ("CAPABILITY_NAMED_IAM",), ""),
        ("IAM::Policy", {"PolicyName": "p"}, ("CAPABILITY_IAM",), ""),
        ("SQS::Queue", {"QueueName": "q"}, (), ""),
    ],
)
def test_what_iam_is_to_make_has_to_be_acknowledged(
    kind: str, properties: dict[str, str], granted: tuple[str, ...], missing: str
) -> None:
    """A name takes more than none; a policy of a role has always one."""
    resource = {"Type": f"AWS::{kind}", "Properties": properties}

    said = lacking({"One": QUEUE, "Other": resource, **INNER}, granted)
    assert said == (missing and f"Requires capabilities : [{missing}]")
