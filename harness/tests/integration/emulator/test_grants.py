"""Stacks whose functions may not do what Lambda does for them: AWS makes none."""

import boto3
import pytest

from harness.tests.integration.emulator.functions import TRUST
from harness.tests.integration.emulator.stacks import QUEUE, Resources, Stack

pytestmark = pytest.mark.needs_gate(reason="it is about permissions")

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


def resources(
    *actions: str, more: Resources | None = None, **properties: object
) -> Resources:
    """Return a queue and a function that may do some actions."""
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
    return {
        **QUEUE,
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        **(more or {}),
    }


READS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@pytest.mark.parametrize("missing", READS)
def test_a_mapping_is_refused_to_a_role_that_may_not_read_its_queue(
    missing: str, session: boto3.Session
) -> None:
    """Its messages would stay where they are."""
    actions = [action for action in READS if action != missing]
    operation = missing.partition(":")[2]

    stack = Stack(session)

    assert stack.create(resources(*actions, more={"Mapping": MAPPING}))

    lacking = f"does not have permissions to call {operation} on SQS"
    assert lacking in " ".join(stack.reasons)
    assert not Stack(session).create(resources(*READS, more={"Mapping": MAPPING}))


@pytest.mark.parametrize("way", ["dead letters", "destination"])
def test_a_role_that_may_not_send_what_failed_is_refused(
    way: str, session: boto3.Session
) -> None:
    """It would be lost."""
    more = {"Config": CONFIG} if way == "destination" else {}
    own = {} if more else {"DeadLetterConfig": {"TargetArn": ARN}}

    stack = Stack(session)

    assert stack.create(resources(more=more, **own))

    lacking = "does not have permissions to call SendMessage on SQS"
    assert lacking in " ".join(stack.reasons)
    assert not Stack(session).create(resources("sqs:SendMessage", more=more, **own))
