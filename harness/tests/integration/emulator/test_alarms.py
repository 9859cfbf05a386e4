"""When an alarm is judged."""

from uuid import uuid4

import boto3

from sam_harness.waiting import wait_until

PERIOD_S = 10


def test_an_alarm_is_judged_after_its_first_period(session: boto3.Session) -> None:
    """Not when it is made: a stack of many would wait for that."""
    cloudwatch = session.client("cloudwatch")
    name = f"alarm-{uuid4().hex[:8]}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Ours",
        MetricName="Failures",
        Statistic="Sum",
        Period=PERIOD_S,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    [made] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]

    [judged] = wait_until(
        lambda: cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"],
        lambda alarms: alarms[0]["StateValue"] == "OK",
        what="the alarm's state",
        timeout_s=3 * PERIOD_S,
    )

    waited = judged["StateUpdatedTimestamp"] - made["StateUpdatedTimestamp"]
    assert made["StateValue"] == "INSUFFICIENT_DATA"
    assert waited.total_seconds() > PERIOD_S - 1
