"""A deployment is what its template says, or fails with what is missing."""

import json
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError

QUEUE = {"Type": "AWS::SQS::Queue"}


def test_what_the_emulator_drops_fails_by_its_name(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """All of it at once: a property that is not taken, a type that there is not."""
    stage = {"Type": "AWS::ApiGatewayV2::Api", "Condition": "Always"}
    resources = {
        "Queue": {**QUEUE, "Properties": {"Unheard": {"Of": 1}}},
        "Api": stage,
    }
    always = {"Always": {"Fn::Equals": ["a", "a"]}}

    with pytest.raises(HarnessError) as caught:
        unchecked.deploy(
            artefact(tmp_path, resources, Conditions=always), stack_name, {}
        )

    said = str(caught.value)
    assert "AWS::SQS::Queue.Unheard: the emulator drops it" in said
    assert "AWS::ApiGatewayV2::Api: the emulator has none" in said
    assert "template.json:3: Queue" in said


def test_a_nested_stack_fails_with_the_reason_of_its_resource(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Not only by the status in which it ended."""
    queue = {**QUEUE, "Properties": {"Unheard": 1}}
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": {"Queue": queue}}))
    inner = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "inner.json"},
    }

    with pytest.raises(HarnessError, match=r"Inner .*Queue: AWS::SQS::Queue\.Unheard"):
        unchecked.deploy(artefact(tmp_path, {"Inner": inner}), stack_name, {})


def test_what_an_update_does_not_take_over_fails(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """A provider that makes a property need not be one that changes it."""
    kept = {**QUEUE, "Properties": {"DelaySeconds": 1}}
    unchecked.deploy(artefact(tmp_path, {"Queue": kept}), stack_name, {})
    changed = {**QUEUE, "Properties": {"DelaySeconds": 2, "Unheard": 1}}

    with pytest.raises(HarnessError, match=r"Queue\.Unheard"):
        unchecked.deploy(artefact(tmp_path, {"Queue": changed}), stack_name, {})

    # Again: there is nothing to update, and still it is not what was asked for.
    with pytest.raises(HarnessError, match="UPDATE_FAILED"):
        unchecked.deploy(artefact(tmp_path, {"Queue": changed}), stack_name, {})
    deployed = unchecked.deploy(
        artefact(tmp_path, {"Queue": kept, "B": QUEUE}), stack_name, {}
    )
    assert deployed.resources.keys() == {"Queue", "B"}


def test_what_would_be_downloaded_is_refused_at_once(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Kinesis would run npm."""
    stream = {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1}}

    with pytest.raises(HarnessError, match=r"Kinesis::Stream is not emulated: .*npm"):
        unchecked.deploy(artefact(tmp_path, {"Stream": stream}), stack_name, {})


def test_a_schedule_that_nothing_would_follow_is_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """LocalStack keeps a schedule of EventBridge Scheduler, and calls nothing."""
    role = "arn:aws:iam::000000000000:role/any"
    schedule = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": {"Fn::GetAtt": "Queue.Arn"}, "RoleArn": role},
        },
    }
    made = artefact(tmp_path, {"Queue": QUEUE, "Schedule": schedule})

    with pytest.raises(HarnessError, match=r"Schedule\.Target: .* nothing is ever"):
        unchecked.deploy(made, stack_name, {})


def test_a_circle_and_a_forbidden_value_are_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Before anything is made, by whatever client."""
    circle = {
        one: {**QUEUE, "Properties": {"QueueName": {"Ref": other}}}
        for one, other in (("A", "B"), ("B", "A"))
    }
    with pytest.raises(HarnessError, match=r"Circular dependency .*\[A, B\]"):
        unchecked.deploy(artefact(tmp_path, circle), stack_name, {})

    letters = {"P": {"Type": "String", "AllowedPattern": "[a-z]+"}}
    made = artefact(tmp_path, {"A": QUEUE}, Parameters=letters)
    with pytest.raises(HarnessError, match="Parameter 'P' must match"):
        unchecked.deploy(made, stack_name, {"P": "A1"})


def test_a_circle_of_what_sam_makes_is_refused(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """The bucket waits for the permission to call the function that has its name."""
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "InlineCode": "handler = print",
            "Environment": {"Variables": {"BUCKET": {"Ref": "Bucket"}}},
            "Events": {
                "Made": {
                    "Type": "S3",
                    "Properties": {
                        "Bucket": {"Ref": "Bucket"},
                        "Events": "s3:ObjectCreated:*",
                    },
                }
            },
        },
    }
    resources = {"Bucket": {"Type": "AWS::S3::Bucket"}, "Function": function}
    made = artefact(tmp_path, resources, Transform="AWS::Serverless-2016-10-31")

    with pytest.raises(HarnessError, match=r"Circular dependency .*FunctionMadePerm"):
        unchecked.deploy(made, stack_name, {})


def test_an_output_that_cannot_be_evaluated_tells_why(
    session: boto3.Session, stack_name: str
) -> None:
    """The stack failed, whatever its resources are."""
    cloudformation = session.client("cloudformation")
    outputs = {"V": {"Value": {"Fn::Select": [9, ["a"]]}}, "W": {"Value": "w"}}
    body = json.dumps({"Resources": {"A": QUEUE}, "Outputs": outputs})

    cloudformation.create_stack(StackName=stack_name, TemplateBody=body)
    with pytest.raises(Exception, match="CREATE_FAILED"):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )

    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    assert "Fn::Select" in stack["StackStatusReason"]


def test_values_that_localstack_cannot_evaluate_are_there(
    unchecked: Deployer, stack_name: str, tmp_path: Path
) -> None:
    """Also after an update, of which a list parameter is part."""
    outputs = {
        "Literal": {"Value": {"Fn::Sub": "${AWS::Region} ${!aws:userid}"}},
        "Zone": {"Value": {"Fn::Select": [1, {"Fn::GetAZs": ""}]}},
        "Block": {"Value": {"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}},
        "List": {"Value": {"Fn::Join": ["|", {"Ref": "P"}]}},
    }
    sections = {
        "Parameters": {"P": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        "Outputs": outputs,
    }
    created = unchecked.deploy(
        artefact(tmp_path, {"A": QUEUE}, **sections), stack_name, {}
    )

    changed = {**QUEUE, "Properties": {"DelaySeconds": 1}}
    made = artefact(tmp_path, {"A": changed}, **sections)
    updated = unchecked.deploy(made, stack_name, {})

    wanted = {
        "Literal": "us-east-1 ${aws:userid}",
        "Zone": "us-east-1b",
        "Block": "10.0.1.0/24",
        "List": "a|b",
    }
    assert created.outputs == wanted
    assert updated.outputs == wanted


def test_a_template_that_cfn_lint_refuses_makes_no_stack(
    session: boto3.Session, account_id: str, stack_name: str, tmp_path: Path
) -> None:
    """The line is told, and CloudFormation never asked."""
    resources = {"A": {**QUEUE, "Properties": {"QueueNam": "x"}}}

    with pytest.raises(HarnessError, match=r"template.json:\d+:\d+: E3002"):
        Deployer(session, account_id).deploy(
            artefact(tmp_path, resources), stack_name, {}
        )

    with pytest.raises(ClientError, match="does not exist"):
        session.client("cloudformation").describe_stacks(StackName=stack_name)
