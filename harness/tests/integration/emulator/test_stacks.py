"""Stacks beside each other, their names, and their end."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.stacks import QUEUE, Stack
from sam_harness.waiting import wait_until


@pytest.fixture
def name() -> str:
    """Return a name for an export that no other stack has."""
    return f"exported-{uuid4().hex[:8]}"


@pytest.fixture
def importing(name: str) -> dict[str, Any]:
    """Return a topic that is called as another stack says."""
    called = {"Fn::ImportValue": {"Fn::Sub": name}}
    return {"T": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": called}}}


def test_what_no_stack_exports_cannot_be_imported(
    session: boto3.Session, name: str, importing: dict[str, Any]
) -> None:
    """LocalStack makes the resource without the property, and calls it complete."""
    refused = Stack(session, f"{name}-user").create(importing)

    assert refused == f"No export named {name} found."


def test_two_stacks_cannot_export_one_name(session: boto3.Session, name: str) -> None:
    """Else one would take over what others have from the other."""
    owner = Stack(session, f"{name}-owner")
    assert not owner.create(exports={name: "one"})

    refused = Stack(session, f"{name}-other").create(exports={name: "two"})

    assert (
        refused == f"Export with name {name} is already exported by stack {owner.name}."
    )


def test_an_export_stays_as_it_is_while_another_stack_imports_it(
    session: boto3.Session, name: str, importing: dict[str, Any]
) -> None:
    """Also when the importing stack was updated, and what it imports stayed."""
    owner, user = (Stack(session, f"{name}-{one}") for one in ("owner", "user"))
    assert not owner.create(exports={name: "one"})
    assert not user.create(importing)
    assert not user.update(importing | QUEUE)

    changed, gone = owner.update(exports={name: "two"}), owner.delete()

    assert changed == f"Export {name} cannot be updated as it is in use by {user.name}"
    assert gone == f"Export {name} cannot be deleted as it is in use by {user.name}"
    assert not user.update(QUEUE)
    assert not owner.delete()


def test_a_stack_does_not_take_over_what_another_has_by_that_name(
    session: boto3.Session, name: str
) -> None:
    """The deletion of either would take it from the other."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}
    owner = Stack(session, f"{name}-owner")
    assert not owner.create({"Queue": queue})

    refused = Stack(session, f"{name}-other").create({"Queue": queue})

    assert f"{name} already exists in stack arn:aws:cloudformation:" in refused
    assert not owner.delete()
    assert not Stack(session, f"{name}-third").create({"Queue": queue})


def test_a_bucket_is_deleted_with_its_stack_once_it_is_empty(
    session: boto3.Session, name: str
) -> None:
    """What is in it would be lost; LocalStack empties it, and calls all complete."""
    stack, s3 = Stack(session, name), session.client("s3")
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
    assert not stack.create({"Bucket": bucket})
    s3.put_object(Bucket=name, Key="key", Body=b"kept")

    failed = stack.delete()

    assert failed == "The following resource(s) failed to delete: [Bucket]."
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == b"kept"
    s3.delete_object(Bucket=name, Key="key")
    assert not stack.delete()


def test_what_an_update_adds_is_deleted_with_its_stack(session: boto3.Session) -> None:
    """LocalStack deletes what the template has of which the stack was made.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
    """
    stack, queues = Stack(session), session.client("sqs")
    assert stack.create() == ""
    assert stack.update({**QUEUE, "Added": QUEUE["Queue"]}) == ""
    made = queues.list_queues(QueueNamePrefix=stack.name)["QueueUrls"]
    assert len(made) == len({*QUEUE, "Added"})

    assert stack.delete() == ""

    assert "QueueUrls" not in queues.list_queues(QueueNamePrefix=stack.name)


def test_a_protected_stack_stays_until_it_is_not(
    session: boto3.Session, name: str
) -> None:
    """As CreateStack said it, or UpdateTerminationProtection."""
    stack, cloudformation = Stack(session, name), session.client("cloudformation")
    assert not stack.create(protected=True)

    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        stack.delete()

    cloudformation.update_termination_protection(
        StackName=name, EnableTerminationProtection=False
    )
    assert not stack.delete()


def test_a_stack_has_a_name_that_cloudformation_takes(session: boto3.Session) -> None:
    """Letters, digits and hyphens."""
    with pytest.raises(ClientError, match="'no_name' is no stack's name"):
        Stack(session, "no_name").create()


def test_a_nested_stack_is_updated_with_the_one_that_it_is_in(
    session: boto3.Session, name: str
) -> None:
    """Its parameters, its template, and its outputs for the others; twice."""
    s3, queues = session.client("s3"), session.client("sqs")
    s3.create_bucket(Bucket=name)

    def nested(default: int, **parameters: str) -> dict[str, Any]:
        seconds = {"VisibilityTimeout": {"Ref": "Seconds"}, "QueueName": name}
        queue = {"Type": "AWS::SQS::Queue", "Properties": seconds}
        declared = {"Seconds": {"Type": "Number", "Default": default}}
        key = f"{default}.json"
        body = json.dumps({"Parameters": declared, "Resources": {"Queue": queue}})
        s3.put_object(Bucket=name, Key=key, Body=body.encode())
        url = f"{s3.meta.endpoint_url}/{name}/{key}"
        made = {"TemplateURL": url, "Parameters": parameters}
        return {"In": {"Type": "AWS::CloudFormation::Stack", "Properties": made}}

    def seconds() -> str:
        url = queues.get_queue_url(QueueName=name)["QueueUrl"]
        told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return told["Attributes"]["VisibilityTimeout"]

    stack = Stack(session, f"{name}-outer")
    assert not stack.create(nested(10))
    assert not stack.update(nested(10, Seconds="15"))
    assert seconds() == "15"
    assert not stack.update(nested(20))
    assert seconds() == "20"


@pytest.mark.parametrize(
    "attribute",
    [{"Fn::GetAtt": ["Queue", "Arm"]}, {"Fn::Sub": "x-${Queue.Arm}"}],
    ids=str,
)
def test_an_attribute_that_a_resource_has_not_fails_its_stack(
    session: boto3.Session, attribute: dict[str, Any]
) -> None:
    """LocalStack puts the word `unknown` in its place."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": attribute}}

    refused = Stack(session).create(QUEUE | {"Topic": topic})

    assert "AWS::SQS::Queue.Arm: Queue has no attribute Arm here" in refused


def test_an_attribute_that_is_not_asked_for_may_be_missing(
    session: boto3.Session,
) -> None:
    """As of a branch of Fn::If that is not taken; a managed policy tells its ARN."""
    word = {"Type": "String", "Value": "unknown"}
    nothing = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": nothing}
    resources = QUEUE | {
        "Word": {"Type": "AWS::SSM::Parameter", "Properties": word},
        "Policy": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document},
        },
    }
    chosen = {"Fn::If": ["No", {"Fn::GetAtt": ["Queue", "Arm"]}, "none"]}
    outputs = {
        "Chosen": {"Value": chosen},
        "Arn": {"Value": {"Fn::GetAtt": ["Policy", "PolicyArn"]}},
        "Word": {"Value": {"Fn::GetAtt": ["Word", "Value"]}},
    }
    made: Any = session.client("cloudformation")
    name = f"stack-{uuid4().hex[:8]}"
    made.create_stack(
        StackName=name,
        TemplateBody=json.dumps(
            {
                "Conditions": {"No": {"Fn::Equals": ["yes", "no"]}},
                "Resources": resources,
                "Outputs": outputs,
            }
        ),
        Capabilities=["CAPABILITY_IAM"],
    )
    made.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )

    [stack] = made.describe_stacks(StackName=name)["Stacks"]
    told = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}

    assert (told["Chosen"], told["Word"]) == ("none", "unknown")
    assert told["Arn"].startswith("arn:aws:iam::")


def test_an_output_that_is_a_list_fails_its_stack(session: boto3.Session) -> None:
    """LocalStack writes it as Python does, also into an export."""
    parts: Any = {"Fn::Split": ["-", "a-b"]}

    refused = Stack(session).create(exports={f"parts-{uuid4().hex[:8]}": parts})

    assert "must evaluate to a String" in refused


def test_what_a_resource_may_not_have_is_refused(session: boto3.Session) -> None:
    """LocalStack takes a misspelt name for none."""
    queue = {"Queue": {**QUEUE["Queue"], "Propertes": {"DelaySeconds": 5}}}

    with pytest.raises(ClientError, match="resource property 'Propertes' of Queue"):
        Stack(session).create(queue)


def test_what_a_condition_left_is_not_referred_to(session: boto3.Session) -> None:
    """LocalStack makes the topic without the property."""
    template = {
        "Conditions": {"No": {"Fn::Equals": ["yes", "no"]}},
        "Resources": {
            "Queue": QUEUE["Queue"] | {"Condition": "No"},
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Properties": {"DisplayName": {"Ref": "Queue"}},
            },
        },
    }
    made: Any = session.client("cloudformation")
    name = f"stack-{uuid4().hex[:8]}"
    made.create_stack(StackName=name, TemplateBody=json.dumps(template))

    told = wait_until(
        lambda: made.describe_stack_resources(StackName=name)["StackResources"],
        lambda seen: any("FAILED" in one["ResourceStatus"] for one in seen),
        what="the failure of a stack",
        timeout_s=20,
    )

    reasons = [one.get("ResourceStatusReason") or "" for one in told]
    assert any("Unresolved resource dependencies [Queue]" in one for one in reasons)


def test_json_in_a_template_has_what_a_stack_has_made(session: boto3.Session) -> None:
    """LocalStack writes {"Ref": …} into the text."""
    made: Any = session.client("cloudformation")
    name, topic = (f"{one}-{uuid4().hex[:8]}" for one in ("stack", "topic"))
    resource = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic}}
    said = {"a": [1, {"Fn::GetAtt": ["Topic", "TopicName"]}], "b": "${c}"}
    template = {
        "Transform": "AWS::LanguageExtensions",
        "Resources": {"Topic": resource},
        "Outputs": {"Json": {"Value": {"Fn::ToJsonString": said}}},
    }
    made.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )
    made.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )

    [stack] = made.describe_stacks(StackName=name)["Stacks"]

    [output] = stack["Outputs"]
    assert json.loads(output["OutputValue"]) == {"a": [1, topic], "b": "${c}"}


def test_what_is_retained_except_on_create_outlives_its_stack(
    session: boto3.Session,
) -> None:
    """LocalStack deletes it."""
    stack = Stack(session)
    queue = {"Queue": {**QUEUE["Queue"], "DeletionPolicy": "RetainExceptOnCreate"}}
    assert not stack.create(queue)
    url = stack.ids["Queue"]

    assert not stack.delete()

    assert session.client("sqs").get_queue_attributes(QueueUrl=url)
