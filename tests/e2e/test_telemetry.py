"""What an operator sees: one trace through the stage, and quiet alarms."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from e2e.made import Made
from sam_harness.waiting import wait_until
from service.deployed import Stage

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import MetricAlarmTypeDef
    from types_boto3_xray import XRayClient

TOO_MUCH = "9999999.99"
# Segments arrive one by one and late.
TRACE_TIMEOUT_S = 120.0
# An alarm that the tests themselves set off needs periods of a minute to calm down.
ALARMS_TIMEOUT_S = 600.0


@pytest.mark.aws_only(reason="only X-Ray itself puts traces together")
def test_one_trace_leads_from_the_api_to_the_processor(
    stage: Stage, session: boto3.Session, made: Made, an_order: str
) -> None:
    """API, Receiver and Processor are in the trace that the client began.

    The trace is sampled because its header says so, whatever the sampling rules are.
    """
    trace_id = f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"
    began = datetime.now(UTC) - timedelta(minutes=1)

    answer = made.post(
        an_order, TOO_MUCH, {"X-Amzn-Trace-Id": f"Root={trace_id};Sampled=1"}
    )

    assert answer.status_code == 202, answer.text
    functions = stage.stack.functions
    wanted = {
        f"{stage.stack.name}-api/{stage.stack.stage}",
        functions["receiver"].name,
        functions["processor"].name,
    }
    xray = session.client("xray")
    wait_until(
        lambda: _names(xray, trace_id, functions["processor"].name, began),
        lambda names: names >= wanted,
        what=f"{', '.join(sorted(wanted))} in trace {trace_id}",
        timeout_s=TRACE_TIMEOUT_S,
        poll_s=3,
    )


@pytest.mark.before_others
def test_alarms_on_counts_are_ok(stage: Stage, session: boto3.Session) -> None:
    """Nothing fails, waits or is stuck on this stage."""
    alarms = [alarm for alarm in _alarms(session, stage) if "Statistic" in alarm]

    assert alarms
    _wait_until_ok(session, alarms)


@pytest.mark.before_others
@pytest.mark.aws_only(reason="emulators do not evaluate percentiles")
def test_alarms_on_percentiles_are_ok(stage: Stage, session: boto3.Session) -> None:
    """The API is as quick as it was promised to be."""
    alarms = [a for a in _alarms(session, stage) if "ExtendedStatistic" in a]

    assert alarms
    _wait_until_ok(session, alarms)


def _alarms(session: boto3.Session, stage: Stage) -> list["MetricAlarmTypeDef"]:
    pages = session.client("cloudformation").get_paginator("list_stack_resources")
    names = [
        resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stage.stack.name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
    ]
    cloudwatch = session.client("cloudwatch")
    return cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]


def _wait_until_ok(session: boto3.Session, alarms: list["MetricAlarmTypeDef"]) -> None:
    cloudwatch = session.client("cloudwatch")
    names = [alarm["AlarmName"] for alarm in alarms]
    # One that tells when nothing is measured begins so, and that is no news.
    fine = {
        alarm["AlarmName"]: {"OK", "INSUFFICIENT_DATA"}
        if alarm["InsufficientDataActions"]
        else {"OK"}
        for alarm in alarms
    }
    wait_until(
        lambda: {
            alarm["AlarmName"]: alarm["StateValue"]
            for alarm in cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
        },
        lambda states: all(states[name] in fine[name] for name in names),
        what="the alarms to be OK",
        timeout_s=ALARMS_TIMEOUT_S,
        poll_s=1,
    )


def _names(
    xray: "XRayClient", trace_id: str, consumer: str, began: datetime
) -> set[str]:
    """Return the services in the trace, and in those that X-Ray links to it.

    A function that a queue invokes begins a trace of its own for each batch, linked to
    the traces of the batch's messages.
    """
    summaries = xray.get_trace_summaries(
        StartTime=began,
        EndTime=datetime.now(UTC),
        FilterExpression=f'service("{consumer}")',
    )["TraceSummaries"]
    ids = [trace_id, *(one["Id"] for one in summaries if one["Id"] != trace_id)][:5]
    names = set()
    for trace in xray.batch_get_traces(TraceIds=ids)["Traces"]:
        documents = [segment["Document"] for segment in trace["Segments"]]
        if trace["Id"] == trace_id or any(trace_id in text for text in documents):
            names |= {json.loads(text)["name"] for text in documents}
    return names
