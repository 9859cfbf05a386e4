"""Stacks whose functions may not do what Lambda does for them: AWS makes none."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.emulator.functions import TRUST
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.needs_gate(reason="it is about permissions")

QUEUE = {"Type": "AWS::SQS::Queue"}
ARN = {"Fn::GetAtt": ["Queue", "Arn"]}
MAPPING = {
    "Type": "AWS::Lambda::EventSourceMapping",
    "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": ARN},
}
CONFIG = {
    "Type": "AWS::Lambda::EventInvokeConfig",
    "Properties": {
        "FunctionName": {"Ref": "Function"},
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnFailure": {"Destination": ARN}},
    },
}


def stack(*actions: str, more: Mapping[str, Any] = {}, **properties: object) -> str:
    """Return a template with a queue and a function that may do some actions."""
    allowed = {"Effect": "Allow", "Action": [*actions, "logs:*"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [allowed]}
    role = {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [{"PolicyName": "all", "PolicyDocument": document}],
    }
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context): return event"},
        **properties,
    }
    resources = {
        "Queue": QUEUE,
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        **more,
    }
    return json.dumps({"Resources": resources})


def reasons(session: boto3.Session, template: str) -> str:
    """Return why a stack could not be made, empty if it was."""
    cloudformation: Any = session.client("cloudformation")
    name = f"granted-{uuid4().hex[:8]}"
    cloudformation.create_stack(StackName=name, TemplateBody=template)
    [seen] = wait_until(
        lambda: cloudformation.describe_stacks(StackName=name)["Stacks"],
        lambda found: not found[0]["StackStatus"].endswith("IN_PROGRESS"),
        what=f"the creation of {name}",
        timeout_s=60,
    )
    if seen["StackStatus"] == "CREATE_COMPLETE":
        return ""
    made = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    return "; ".join(one.get("ResourceStatusReason", "") for one in made)


READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@pytest.mark.parametrize("missing", READS)
def test_a_mapping_is_refused_to_a_role_that_may_not_read_its_queue(
    missing: str, session: boto3.Session
) -> None:
    """Its messages would stay where they are."""
    actions = [action for action in READS if action != missing]
    operation = missing.partition(":")[2]

    refused = reasons(session, stack(*actions, more={"Mapping": MAPPING}))

    assert f"does not have permissions to call {operation} on SQS" in refused
    assert not reasons(session, stack(*READS, more={"Mapping": MAPPING}))


@pytest.mark.parametrize("way", ["dead letters", "destination"])
def test_a_role_that_may_not_send_what_failed_is_refused(
    way: str, session: boto3.Session
) -> None:
    """It would be lost."""
    more = {"Config": CONFIG} if way == "destination" else {}
    own = {} if more else {"DeadLetterConfig": {"TargetArn": ARN}}

    refused = reasons(session, stack(more=more, **own))

    assert "does not have permissions to call SendMessage on SQS" in refused
    assert not reasons(session, stack("sqs:SendMessage", more=more, **own))
