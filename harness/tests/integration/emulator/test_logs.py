"""What is in CloudWatch Logs after an invocation, and where."""

import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from harness.tests.integration.emulator.functions import Function, Functions
from harness.tests.integration.emulator.templates import artefact
from sam_harness.deploying.deploy import Deployer
from sam_harness.waiting import wait_until

TALKS = """
    import logging
    import sys

    print("at init")

    def handler(event, context):
        print("to stdout")
        print("to stderr", file=sys.stderr)
        logging.getLogger().warning("through logging")
        sys.stdout.write("without a newline")
"""


def test_the_log_reads_as_on_aws(functions: Functions) -> None:
    """INIT_START, START, every line in order, END, REPORT with its numbers."""
    function = functions.create(TALKS, MemorySize=256)

    request_id = function.invoke().request_id

    log = function.log(until="REPORT")
    assert log[0].startswith("INIT_START Runtime Version: python:3.13")
    assert log[1] == "at init\n"
    assert log[2] == f"START RequestId: {request_id} Version: $LATEST\n"
    assert log[3:5] == ["to stdout\n", "to stderr\n"]
    assert re.fullmatch(rf"\[WARNING\]\t\S+Z\t{request_id}\tthrough logging\n", log[5])
    assert log[6] == "without a newline\n"
    assert log[7] == f"END RequestId: {request_id}\n"
    assert re.fullmatch(
        rf"REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms"
        r"\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n",
        log[8],
    )
    assert len(log) == 9


def test_a_warm_call_reports_no_initialisation(functions: Functions) -> None:
    """One INIT_START and one Init Duration for two calls of one process."""
    function = functions.create(TALKS)

    function.invoke()
    second = function.invoke().request_id

    log = function.log(until=f"REPORT RequestId: {second}")
    assert sum("INIT_START" in line for line in log) == 1
    assert sum("Init Duration" in line for line in log) == 1


def test_the_log_goes_to_the_configured_group(
    functions: Functions, session: boto3.Session
) -> None:
    """LoggingConfig.LogGroup, which LocalStack stores but does not heed."""
    group = f"/our/own/{uuid4().hex[:8]}"
    session.client("logs").create_log_group(logGroupName=group)
    function = functions.create(TALKS, LoggingConfig={"LogGroup": group})

    function.invoke()

    assert "to stdout\n" in function.log(until="REPORT", group=group)


def test_tracing_is_in_the_report(functions: Functions) -> None:
    """With Tracing: Active the REPORT line names the trace."""
    function = functions.create(TALKS, TracingConfig={"Mode": "Active"})

    function.invoke()

    report = next(x for x in function.log(until="REPORT") if x.startswith("REPORT"))
    assert re.search(r"\tXRAY TraceId: 1-\w{8}-\w{24}\tSegmentId: \w{16}\t", report)


def test_a_long_log_is_read_whole_and_in_its_order(session: boto3.Session) -> None:
    """What is kept packed among it, and after a list of the groups."""
    logs = session.client("logs")
    group, stream = f"/long/{uuid4().hex[:8]}", "one"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(time.time() * 1000)
    lines = [f"line {number}" for number in range(450)]
    for begin in range(0, len(lines), 90):
        logs.put_log_events(
            logGroupName=group,
            logStreamName=stream,
            logEvents=[
                {"timestamp": now + begin, "message": line}
                for line in lines[begin : begin + 90]
            ],
        )
    logs.describe_log_groups()

    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    found = logs.get_log_events(
        logGroupName=group, logStreamName=stream, startFromHead=True, limit=1000
    )

    assert [one["message"] for page in pages for one in page["events"]] == lines
    assert [one["message"] for one in found["events"]] == lines


def test_a_function_gets_what_is_logged_elsewhere(
    unchecked: Deployer, stack_name: str, session: boto3.Session, tmp_path: Path
) -> None:
    """All that SAM's event permits CloudWatch Logs is to invoke the function.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
    """
    event = {"LogGroupName": {"Ref": "Group"}, "FilterPattern": ""}
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "InlineCode": "def handler(event, context): print('got', [*event])",
        "Events": {"Log": {"Type": "CloudWatchLogs", "Properties": event}},
    }
    resources = {
        "Group": {"Type": "AWS::Logs::LogGroup"},
        "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
    }
    template = artefact(tmp_path, resources, Transform="AWS::Serverless-2016-10-31")
    stack = unchecked.deploy(template, stack_name, {})
    logs, group = session.client("logs"), stack.resources["Group"]

    with suppress(logs.exceptions.ResourceAlreadyExistsException):  # see known.toml
        logs.create_log_stream(logGroupName=group, logStreamName="one")
    logs.put_log_events(
        logGroupName=group,
        logStreamName="one",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": "hello"}],
    )

    Function(stack.resources["Function"], session).log(until="got ['awslogs']")


def test_a_log_group_gets_events_by_a_policy_of_its_account(
    session: boto3.Session,
    stack_name: str,
    gate_decisions: Callable[[], list[Mapping[str, Any]]],
) -> None:
    """With the ending of the ARN that CloudFormation gives, and not before.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    events, logs = session.client("events"), session.client("logs")
    logs.create_log_group(logGroupName=stack_name)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=stack_name)["logGroups"]
    events.put_rule(Name=stack_name, EventPattern=json.dumps({"source": [stack_name]}))
    events.put_targets(Rule=stack_name, Targets=[{"Id": "a", "Arn": group["arn"]}])
    entry: Any = {"Source": stack_name, "DetailType": "before", "Detail": "{}"}
    events.put_events(Entries=[entry])
    wait_until(
        gate_decisions,
        lambda decided: any(
            stack_name in one["resource"] and one["decision"] == "implicitDeny"
            for one in decided
        ),
        what="a denial",
        timeout_s=30,
    )
    statement = {
        "Effect": "Allow",
        "Principal": {
            "Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
        },
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": group["arn"],
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    logs.put_resource_policy(policyName=stack_name, policyDocument=document)

    events.put_events(Entries=[{**entry, "DetailType": "after"}])

    seen = wait_until(
        lambda: logs.filter_log_events(logGroupName=stack_name)["events"],
        bool,
        what="an event in the log",
        timeout_s=30,
    )
    logs.delete_resource_policy(policyName=stack_name)
    assert [json.loads(one["message"])["detail-type"] for one in seen] == ["after"]
