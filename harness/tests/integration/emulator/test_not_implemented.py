"""What LocalStack has not: it says so."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import make_role
from sam_harness.emulator.emulator import Emulator
from sam_harness.emulator.unproven import lines
from sam_harness.waiting import wait_until


def test_an_operation_that_there_is_not_is_refused_by_name(
    session: boto3.Session,
) -> None:
    """Although LocalStack cannot ask its maker which edition would have it."""
    with pytest.raises(ClientError, match="ListMetricStreams") as refused:
        session.client("cloudwatch").list_metric_streams()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_policy_of_a_table_is_refused_as_no_call_is_checked_against_it(
    session: boto3.Session,
) -> None:
    """With its reason, whether the table is there or is made with it."""
    dynamodb, policy = session.client("dynamodb"), "{}"
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t"

    with pytest.raises(ClientError, match="the policies of tables") as refused:
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=policy)
    with pytest.raises(ClientError, match="the policies of tables"):
        dynamodb.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            ResourcePolicy=policy,
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_legacy_filter_is_refused_where_it_would_be_another(
    session: boto3.Session,
) -> None:
    """The emulator would return items twice, and no key where a page ends."""
    dynamodb = session.client("dynamodb")
    filters: Any = {"n": {"ComparisonOperator": "NOT_NULL"}}
    key: Any = {"PK": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}

    with pytest.raises(ClientError, match="use FilterExpression") as refused:
        dynamodb.query(TableName="none", KeyConditions=key, QueryFilter=filters)
    with pytest.raises(ClientError, match="use FilterExpression"):
        dynamodb.scan(TableName="none", ScanFilter=filters, Limit=1)
    with pytest.raises(ClientError, match="use FilterExpression"):
        dynamodb.scan(TableName="none", ScanFilter=filters, ConditionalOperator="OR")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.scan(TableName="none", ScanFilter=filters)
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.query(TableName="none", KeyConditions=key)


def test_a_message_that_would_go_to_firehose_is_refused(session: boto3.Session) -> None:
    """The emulator would take the subscription; to an address it sends nothing."""
    sns = session.client("sns")
    topic = sns.create_topic(Name="unsent")["TopicArn"]

    with pytest.raises(ClientError, match="does not emulate Firehose"):
        sns.subscribe(
            TopicArn=topic,
            Protocol="firehose",
            Endpoint="arn:aws:firehose:us-east-1:000000000000:deliverystream/d",
        )


def test_a_schedule_that_nothing_would_follow_is_refused(
    session: boto3.Session,
) -> None:
    """Whoever makes or changes it: the emulator would keep it, and call nothing."""
    scheduler, states = session.client("scheduler"), session.client("stepfunctions")
    role = make_role(session, "states")
    queue = f"arn:aws:sqs:us-east-1:{role.split(':')[4]}:q"
    asked: Any = {
        "Name": "s",
        "ScheduleExpression": "rate(1 minute)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": queue, "RoleArn": role},
    }
    makes = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:scheduler:createSchedule",
        "Parameters": asked,
        "End": True,
    }
    machine = states.create_state_machine(
        name="makes-a-schedule",
        definition=json.dumps({"StartAt": "A", "States": {"A": makes}}),
        roleArn=role,
    )["stateMachineArn"]

    run = states.start_execution(stateMachineArn=machine)["executionArn"]
    for ask in (scheduler.create_schedule, scheduler.update_schedule):
        with pytest.raises(ClientError, match="nothing is ever called"):
            ask(**asked)

    ended = wait_until(
        lambda: states.describe_execution(executionArn=run),
        lambda told: told["status"] != "RUNNING",
        what="the end of an execution",
        timeout_s=20,
    )
    assert "nothing is ever called" in ended["cause"]


def test_a_message_to_a_phone_is_listed_when_a_machine_sends_it(
    session: boto3.Session, emulator: Emulator, account_id: str
) -> None:
    """As when a client does."""
    states, sends = session.client("stepfunctions"), "arn:aws:states:::sns:publish"
    state = {
        "Type": "Task",
        "Resource": sends,
        "Parameters": {"PhoneNumber": "+4915112345678", "Message": "m"},
        "End": True,
    }
    machine = states.create_state_machine(
        name="sends-a-message",
        definition=json.dumps({"StartAt": "A", "States": {"A": state}}),
        roleArn=make_role(session, "states"),
    )["stateMachineArn"]

    states.start_execution(stateMachineArn=machine)

    wait_until(
        lambda: lines(emulator.endpoint_url, account_id),
        lambda told: any("to a phone number is sent" in one for one in told),
        what="what is listed",
        timeout_s=20,
    )


def test_a_distributed_map_is_listed_as_one_that_asks_for_no_permission(
    session: boto3.Session, emulator: Emulator, account_id: str
) -> None:
    """Its role needs states:StartExecution on its own machine."""
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state = {
        "Type": "Map",
        "ItemProcessor": {**inner, "ProcessorConfig": config},
        "End": True,
    }
    session.client("stepfunctions").create_state_machine(
        name="spreads",
        definition=json.dumps({"StartAt": "A", "States": {"A": state}}),
        roleArn=make_role(session, "states"),
    )

    told = lines(emulator.endpoint_url, account_id)

    assert any(one.startswith("states:StartExecution: not asked") for one in told)


def test_an_archive_of_events_is_refused(session: boto3.Session) -> None:
    """The gate would refuse the rule that LocalStack makes for it: an error of 500."""
    account = session.client("sts").get_caller_identity()["Account"]

    with pytest.raises(ClientError, match="does not emulate archives") as refused:
        session.client("events").create_archive(
            ArchiveName="all",
            EventSourceArn=f"arn:aws:events:us-east-1:{account}:event-bus/default",
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="does not emulate archives"):
        session.client("events").update_archive(ArchiveName="all")


def test_the_export_and_the_import_of_a_table_are_refused(
    session: boto3.Session,
) -> None:
    """The emulator's would know no bucket; without a prefix they were an error 500."""
    dynamodb = session.client("dynamodb")
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t"

    with pytest.raises(ClientError, match="not emulate exports and im") as refused:
        dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="bucket")
    with pytest.raises(ClientError, match="what one was at another time"):
        dynamodb.list_exports()
    with pytest.raises(ClientError, match="what one was at another time"):
        dynamodb.restore_table_to_point_in_time(TargetTableName="table")
    with pytest.raises(ClientError, match="not emulate exports and imports"):
        dynamodb.import_table(
            S3BucketSource={"S3Bucket": "bucket"},
            InputFormat="CSV",
            TableCreationParameters={
                "TableName": "imported",
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


FILES = {
    "Arn": "arn:aws:elasticfilesystem:us-east-1:210987654321:access-point/fsap-"
    "0123456789abcdef0",
    "LocalMountPath": "/mnt/files",
}
INDEX = {"IndexDocument": {"Suffix": "index.html"}}
FILTER = {
    "logGroupName": "g",
    "filterName": "f",
    "filterPattern": "ERROR",
    "destinationArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
}


@pytest.mark.parametrize(
    ("service", "operation", "asked", "name"),
    [
        ("ssm", "send_command", {"DocumentName": "AWS-RunShellScript"}, "SendCommand"),
        ("apigateway", "create_rest_api", {"name": "n", "cloneFrom": "x"}, "CloneFrom"),
        ("cloudformation", "create_stack_set", {"StackSetName": "s"}, "StackSet"),
        (
            "lambda",
            "update_function_configuration",
            {"FunctionName": "f", "FileSystemConfigs": [FILES]},
            "Function.FileSystemConfigs",
        ),
        ("logs", "put_subscription_filter", FILTER, "SubscriptionFilter.FilterPattern"),
        (
            "s3",
            "put_bucket_website",
            {"Bucket": "b", "WebsiteConfiguration": INDEX},
            "Bucket.WebsiteConfiguration",
        ),
    ],
)
def test_what_a_template_needs_leave_for_a_call_needs_it_for_too(
    session: boto3.Session,
    service: Any,  # noqa: ANN401 - any service's client
    operation: str,
    asked: dict[str, Any],
    name: str,
) -> None:
    """By the name by which a template may be given it; see known.toml."""
    ask = getattr(session.client(service), operation)
    with pytest.raises(ClientError, match=rf"{name}: .*\(--allow-unproven .*"):
        ask(**asked)


def test_a_rule_with_a_pattern_besides_its_schedule_is_refused(
    session: boto3.Session,
) -> None:
    """The emulator would only follow the schedule; AWS takes it."""
    with pytest.raises(ClientError, match=r"InternalFailure.* a rule of its own"):
        session.client("events").put_rule(
            Name="both",
            ScheduleExpression="rate(1 day)",
            EventPattern='{"source": ["a"]}',
        )
