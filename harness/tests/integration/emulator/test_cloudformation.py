"""What CloudFormation does with templates that our own deployment has no use for."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3

from harness.tests.integration.emulator.functions import Function
from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient


def template(role_arn: str, answer: str, versions: list[str]) -> str:
    """Return a stack with a function whose alias points to its newest version."""
    resources: dict[str, Any] = {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": role_arn,
                "Code": {"ZipFile": f"def handler(event, context): return {answer!r}"},
            },
        },
        "Live": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live",
                "FunctionName": {"Ref": "Function"},
                "FunctionVersion": {"Fn::GetAtt": [versions[-1], "Version"]},
            },
        },
    }
    for version in versions:
        resources[version] = {
            "Type": "AWS::Lambda::Version",
            "DeletionPolicy": "Retain",
            "Properties": {"FunctionName": {"Ref": "Function"}},
        }
    outputs = {"Live": {"Value": {"Ref": "Live"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def test_a_reference_to_what_sam_generates_has_its_value(
    session: boto3.Session,
) -> None:
    """As `sam deploy` leaves it to CloudFormation: in a change set, untranslated."""
    cloudformation = session.client("cloudformation")
    stack = f"generated-{uuid4().hex[:8]}"
    answers = {"statusCode": 200}
    mock = {"type": "mock", "responses": {"default": answers}}
    paths = {"/": {"get": {"x-amazon-apigateway-integration": mock}}}
    document = {"swagger": "2.0", "info": {"title": "a", "version": "1"}}
    api = {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "StageName": "v1",
            "DefinitionBody": {**document, "paths": paths},
        },
    }
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Api": api},
        "Outputs": {"Stage": {"Value": {"Ref": "Api.Stage"}}},
    }

    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName="all",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(body),
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName=stack, ChangeSetName="all", WaiterConfig={"Delay": 1}
    )
    cloudformation.execute_change_set(StackName=stack, ChangeSetName="all")

    made = _settled(cloudformation, stack, "creation")
    assert [one["OutputValue"] for one in made["Outputs"]] == ["v1"]


def test_an_alias_follows_the_new_version(
    session: boto3.Session, role_arn: str
) -> None:
    """The alias keeps its ARN and answers with the new code; the old version stays.

    It is what AutoPublishAlias makes of a function.
    """
    cloudformation = session.client("cloudformation")
    stack = f"alias-{uuid4().hex[:8]}"

    settled = partial(_settled, cloudformation, stack)
    body = template(role_arn, "old", ["First"])
    cloudformation.create_stack(StackName=stack, TemplateBody=body)
    before = settled("creation")["Outputs"][0]["OutputValue"]
    live = Function(before, session)
    assert live.invoke().payload == "old"

    body = template(role_arn, "new", ["Second"])
    cloudformation.update_stack(StackName=stack, TemplateBody=body)
    after = settled("update")["Outputs"][0]["OutputValue"]

    assert after == before
    assert live.invoke().payload == "new"
    alias = session.client("lambda").get_alias(
        FunctionName=before.split(":")[6], Name="live"
    )
    assert alias["FunctionVersion"] == "2"
    assert Function(before.rpartition(":")[0] + ":1", session).invoke().payload == "old"


def test_a_template_may_be_left_to_sams_transform(session: boto3.Session) -> None:
    """Ours are transformed before they are deployed; LocalStack can do so as well."""
    cloudformation = session.client("cloudformation")
    stack = f"transform-{uuid4().hex[:8]}"
    table = {"Type": "AWS::Serverless::SimpleTable"}
    body = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Table": table},
        "Outputs": {"Table": {"Value": {"Ref": "Table"}}},
    }

    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(body),
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )

    made = _settled(cloudformation, stack, "creation")["Outputs"][0]["OutputValue"]
    described = session.client("dynamodb").describe_table(TableName=made)["Table"]
    assert described["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_a_value_has_the_type_of_its_property(session: boto3.Session) -> None:
    """However YAML reads it: LocalStack stores ``True``, or refuses a number."""
    cloudformation = session.client("cloudformation")
    stack = f"typed-{uuid4().hex[:8]}"
    tagged = {"Tags": [{"Key": "cost", "Value": 4711}], "VisibilityTimeout": "12"}
    named = {"Type": "String", "Name": f"/{stack}", "Value": True}
    resources = {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": tagged},
        "Named": {"Type": "AWS::SSM::Parameter", "Properties": named},
    }
    outputs = {"Queue": {"Value": {"Ref": "Queue"}}}
    body = json.dumps({"Resources": resources, "Outputs": outputs})

    cloudformation.create_stack(StackName=stack, TemplateBody=body)

    url = _settled(cloudformation, stack, "creation")["Outputs"][0]["OutputValue"]
    assert session.client("sqs").list_queue_tags(QueueUrl=url)["Tags"]["cost"] == "4711"
    told = session.client("ssm").get_parameter(Name=f"/{stack}")
    assert told["Parameter"]["Value"] == "true"


def _settled(
    cloudformation: "CloudFormationClient", stack: str, operation: str
) -> dict[str, Any]:
    """Return the stack as it is described once nothing is in progress or has failed."""
    found: dict[str, Any] = wait_until(
        lambda: dict(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]),
        lambda seen: not seen["StackStatus"].endswith("IN_PROGRESS"),
        what=f"{operation} of {stack}",
        timeout_s=30,
    )
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    assert not [
        (event["LogicalResourceId"], event.get("ResourceStatusReason"))
        for event in events
        if "FAILED" in event["ResourceStatus"] or "ROLLBACK" in event["ResourceStatus"]
    ]
    return found


def test_a_boolean_or_a_number_is_what_its_text_is(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Whether it is a default, what is given, or compared with; LocalStack tells them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    count, flag = {"Ref": "Count"}, {"Ref": "Flag"}
    compared = {
        "Flag": [flag, "true"],
        "FlagAsItIs": [flag, True],
        "Count": [count, "1"],
        "CountAsItIs": [count, 1],
        "Entry": [{"Fn::FindInMap": ["Map", count, "on"]}, "true"],
    }
    found = [{"Fn::If": [name, name, ""]} for name in compared]
    given = {
        "Flag": {"Type": "String", "Default": True},
        "Count": {"Type": "Number", "Default": 1},
    }
    made = artefact(
        tmp_path,
        {"Queue": {"Type": "AWS::SQS::Queue"}},
        Parameters=given,
        Mappings={"Map": {"1": {"on": True}}},
        Conditions={name: {"Fn::Equals": pair} for name, pair in compared.items()},
        Outputs={"Found": {"Value": {"Fn::Join": [" ", [flag, *found]]}}},
    )

    for number, parameters in enumerate(({}, {"Flag": "true", "Count": "1"})):
        stack = unchecked.deploy(made, f"{stack_name}-{number}", parameters)
        assert stack.outputs["Found"] == " ".join(["true", *compared])
