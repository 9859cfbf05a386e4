"""What is without effect here is listed: of a template, of a call, of a stack."""

import json
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.stacks import Stack
from harness.tests.integration.emulator.templates import artefact
from harness.tests.integration.emulator.updates import (
    QUEUE,
    allowing,
    function,
    resource,
    role,
)
from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator import unproven
from sam_harness.emulator.emulator import Emulator


def _lines(emulator: Emulator, account_id: str) -> list[str]:
    return unproven.lines(emulator.endpoint_url, account_id)


def test_what_is_allowed_is_deployed_and_listed(
    unchecked: Deployer,
    emulator: Emulator,
    account_id: str,
    stack_name: str,
    tmp_path: Path,
) -> None:
    """By a logical id that no other test has."""
    logical_id = f"Queue{uuid4().hex[:8]}"
    resources = {logical_id: {**QUEUE, "Properties": {"Allowed": 1}}}
    unproven.allow(emulator.endpoint_url, [logical_id])

    unchecked.deploy(artefact(tmp_path, resources), stack_name, {})

    line = "AWS::SQS::Queue.Allowed: the emulator drops it"
    assert line in unproven.lines(emulator.endpoint_url, account_id)


def test_leave_for_a_resource_holds_for_what_it_asks_of_others(
    unchecked: Deployer,
    emulator: Emulator,
    account_id: str,
    stack_name: str,
    tmp_path: Path,
) -> None:
    """A schedule, a target, a pattern beside a schedule, which a call refuses."""
    role, unique = "arn:aws:iam::000000000000:role/any", uuid4().hex[:8]
    every = {"ScheduleExpression": "rate(1 day)"}
    target = {"Arn": {"Fn::GetAtt": "Queue.Arn"}}
    builds = {"Id": "a", "Arn": "arn:aws:codebuild:us-east-1:000000000000:project/p"}
    pretended = {"Id": "b", "Arn": "unknown"}
    asked = {
        f"Schedule{unique}": (
            "AWS::Scheduler::Schedule",
            {
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {**target, "RoleArn": role},
            }
            | every,
        ),
        f"Rule{unique}": (
            "AWS::Events::Rule",
            {"EventPattern": {"source": ["a"]}, "Targets": [builds, pretended]} | every,
        ),
    }
    resources = {
        name: {"Type": kind, "Properties": properties}
        for name, (kind, properties) in asked.items()
    }
    unproven.allow(emulator.endpoint_url, [*resources])

    unchecked.deploy(artefact(tmp_path, {"Queue": QUEUE, **resources}), stack_name, {})

    told = [one.partition(": ")[0] for one in _lines(emulator, account_id)]
    assert {
        "AWS::Events::Rule.EventPattern",
        "AWS::Events::Rule.Targets",
        "AWS::Scheduler::Schedule.Target",
    } <= {*told}


def test_what_a_mapping_has_by_leave_is_not_asked_for_by_each_of_its_updates(
    unchecked: Deployer,
    session: boto3.Session,
    emulator: Emulator,
    stack_name: str,
    tmp_path: Path,
) -> None:
    """LocalStack checks an update with all that the mapping keeps."""
    inline = {"PolicyName": "reads", "PolicyDocument": allowing("dynamodb:*")}
    name = f"Mapping{uuid4().hex[:8]}"
    resources = {
        **function(),
        "Role": role(Policies=[inline]),
        "Table": resource(
            "AWS::DynamoDB::Table",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamViewType": "KEYS_ONLY"},
        ),
        name: resource(
            "AWS::Lambda::EventSourceMapping",
            FunctionName={"Ref": "Function"},
            EventSourceArn={"Fn::GetAtt": "Table.StreamArn"},
            StartingPosition="LATEST",
            TumblingWindowInSeconds=60,
        ),
    }
    unproven.allow(emulator.endpoint_url, [name])
    deployed = unchecked.deploy(artefact(tmp_path, resources), stack_name, {})

    updated = session.client("lambda").update_event_source_mapping(
        UUID=deployed.resources[name], Enabled=False
    )

    assert updated["TumblingWindowInSeconds"] == 60


def test_that_no_resource_waits_for_a_signal_is_listed(
    unchecked: Deployer,
    emulator: Emulator,
    account_id: str,
    stack_name: str,
    tmp_path: Path,
) -> None:
    """Nor is one updated in parts, as its attributes ask."""
    attributes = {
        "CreationPolicy": {"ResourceSignal": {"Count": 1}},
        "UpdatePolicy": {"UseOnlineResharding": True},
    }

    unchecked.deploy(artefact(tmp_path, {"A": {**QUEUE, **attributes}}), stack_name, {})

    lines = _lines(emulator, account_id)
    assert (
        "AWS::CloudFormation::Stack.CreationPolicy: no resource waits for signals"
        in lines
    )
    assert [one for one in lines if "Stack.UpdatePolicy: " in one]


def test_what_is_asked_of_a_stack_and_not_done_is_listed(
    session: boto3.Session, emulator: Emulator, account_id: str, stack_name: str
) -> None:
    """A policy may ask for a resource's tags, or deny its update."""
    session.client("cloudformation").create_stack(
        StackName=stack_name,
        TemplateBody=json.dumps({"Resources": {"Queue": QUEUE}}),
        Tags=[{"Key": "team", "Value": "refunds"}],
        StackPolicyBody="{}",
    )

    lines = unproven.lines(emulator.endpoint_url, account_id)

    of_stacks = {one.split(":")[4] for one in lines if "::Stack." in one}
    assert {"Stack.Tags", "Stack.StackPolicyBody"} <= of_stacks


def test_that_nothing_is_sent_to_an_address_is_listed(
    session: boto3.Session, emulator: Emulator, account_id: str
) -> None:
    """A test of a topic may wait for what never comes."""
    sns = session.client("sns")
    topic = sns.create_topic(Name="addresses")["TopicArn"]

    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    with pytest.raises(ClientError, match="InvalidParameter"):
        sns.subscribe(TopicArn="none", Protocol="email", Endpoint="a@example.com")

    sns.publish(PhoneNumber="+4930123456", Message="m")
    ses, sender = session.client("ses"), "a@example.com"
    ses.verify_email_identity(EmailAddress=sender)
    ses.send_raw_email(
        RawMessage={"Data": f"From: {sender}\nTo: {sender}\nSubject: s\n\nm"}
    )

    assert {
        "AWS::SNS::Subscription.Protocol: email is kept, but not sent",
        "ses:SendEmail: taken, but no mail is sent",
        "sns:Publish: taken, but no message to a phone number is sent",
    } <= {*_lines(emulator, account_id)}


def test_a_bucket_that_is_closed_to_all_is_just_that(emulator: Emulator) -> None:
    """It has no policy that would let in others; of one that has, it is listed."""
    account = "210987650018"
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls")
    closed = dict.fromkeys((*names, "RestrictPublicBuckets"), True)
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"PublicAccessBlockConfiguration": closed},
    }
    stack = Stack(emulator.session(account))

    def told() -> list[str]:
        return [one for one in _lines(emulator, account) if "Bucket" in one]

    assert stack.create({"Bucket": bucket}) == ""
    assert told() == []

    bucket["Properties"] = {
        "PublicAccessBlockConfiguration": {**closed, "BlockPublicPolicy": False}
    }
    assert stack.update({"Bucket": bucket}) == ""
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    name = stack.ids["Bucket"]
    policy = {"Statement": [{**allow, "Resource": f"arn:aws:s3:::{name}/*"}]}
    emulator.session(account).client("s3").put_bucket_policy(
        Bucket=name, Policy=json.dumps({"Version": "2012-10-17", **policy})
    )

    [line] = told()
    assert "RestrictPublicBuckets" in line


def test_that_no_event_of_a_service_is_sent_is_listed(
    session: boto3.Session, emulator: Emulator, account_id: str
) -> None:
    """A rule for it would wait in silence; some services do send theirs."""
    for source in ("aws.cloudwatch", "aws.s3", "own", {"anything-but": ["aws.ec2"]}):
        session.client("events").put_rule(
            Name=f"rule-{uuid4().hex[:8]}",
            EventPattern=json.dumps({"source": [source]}),
        )

    line = "AWS::Events::Rule.EventPattern: the emulator sends no event of"
    told = _lines(emulator, account_id)
    assert f"{line} aws.cloudwatch" in told
    assert not {f"{line} aws.s3", f"{line} own"} & {*told}


def test_that_no_capacity_is_measured_is_listed(emulator: Emulator) -> None:
    """For who asks for it, and for no other."""
    account = f"{uuid4().int % 10**12:012}"
    dynamodb, name = emulator.session(account).client("dynamodb"), uuid4().hex
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def told() -> bool:
        said = "dynamodb:ReturnConsumedCapacity: "
        return any(line.startswith(said) for line in _lines(emulator, account))

    item = {"PK": {"S": "a"}}
    dynamodb.put_item(TableName=name, Item=item, ReturnConsumedCapacity="NONE")
    assert not told()

    dynamodb.put_item(TableName=name, Item=item, ReturnConsumedCapacity="TOTAL")
    assert told()
