"""Events of EventBridge: who may send them, and what their targets are told."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import make_role
from harness.tests.integration.emulator.templates import OPEN
from sam_harness.waiting import wait_until


def test_only_aws_tells_of_what_is_its_own(
    session: boto3.Session, stack_name: str
) -> None:
    """Here S3, whose events have a source that is AWS's.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
    """
    events, s3 = session.client("events"), session.client("s3")
    entry: Any = {"Source": "aws.s3", "DetailType": "d", "Detail": "{}"}
    with pytest.raises(ClientError, match="NotAuthorizedForSource"):
        events.put_events(Entries=[entry])
    entry["Source"] = "awsome"
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    queues = session.client("sqs")
    url = queues.create_queue(QueueName=stack_name, Attributes={"Policy": OPEN})[
        "QueueUrl"
    ]
    told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    target: Any = {"Id": "queue", "Arn": told["Attributes"]["QueueArn"]}
    events.put_rule(Name=stack_name, EventPattern='{"source": ["aws.s3"]}')
    events.put_targets(Rule=stack_name, Targets=[target])
    s3.create_bucket(Bucket=stack_name)
    s3.put_bucket_notification_configuration(
        Bucket=stack_name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )

    s3.put_object(Bucket=stack_name, Key="key")

    got = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
    events.remove_targets(Rule=stack_name, Ids=["queue"])
    assert [json.loads(one["Body"])["source"] for one in got] == ["aws.s3"]


def test_a_disabled_rule_sends_nothing(session: boto3.Session, stack_name: str) -> None:
    """Another rule's target tells when the event was there."""
    events, queues = session.client("events"), session.client("sqs")
    urls = []
    for name in (stack_name, f"{stack_name}-on"):
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [stack_name]}))
        made = queues.create_queue(QueueName=name, Attributes={"Policy": OPEN})
        urls.append(made["QueueUrl"])
        told = queues.get_queue_attributes(
            QueueUrl=made["QueueUrl"], AttributeNames=["QueueArn"]
        )
        target: Any = {"Id": "queue", "Arn": told["Attributes"]["QueueArn"]}
        events.put_targets(Rule=name, Targets=[target])
    events.disable_rule(Name=stack_name)
    entry: Any = {"Source": stack_name, "DetailType": "d", "Detail": "{}"}

    events.put_events(Entries=[entry])

    off, on = urls
    assert queues.receive_message(QueueUrl=on, WaitTimeSeconds=5).get("Messages")
    assert not queues.receive_message(QueueUrl=off, WaitTimeSeconds=1).get("Messages")


def test_a_state_machine_gets_a_part_of_an_event(
    session: boto3.Session, stack_name: str
) -> None:
    """LocalStack would look for the event's number in it, and lose it.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
    """
    states, events = session.client("stepfunctions"), session.client("events")
    role = make_role(session, "events", "states")
    passes = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    machine = states.create_state_machine(
        name=stack_name, definition=json.dumps(passes), roleArn=role
    )["stateMachineArn"]
    events.put_rule(Name=stack_name, EventPattern=json.dumps({"source": [stack_name]}))
    target: Any = {"Id": "a", "Arn": machine, "RoleArn": role}
    target["InputPath"] = "$.detail"
    events.put_targets(Rule=stack_name, Targets=[target])

    events.put_events(
        Entries=[{"Source": stack_name, "DetailType": "d", "Detail": '{"n": 1}'}]
    )

    [run] = wait_until(
        lambda: states.list_executions(stateMachineArn=machine)["executions"],
        bool,
        what="an execution",
        timeout_s=5,
    )
    told = states.describe_execution(executionArn=run["executionArn"])
    assert json.loads(told["input"]) == {"n": 1}
