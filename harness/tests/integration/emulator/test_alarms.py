"""When an alarm is judged."""

from uuid import uuid4

import boto3

from sam_harness.emulator import unproven
from sam_harness.emulator.emulator import Emulator
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


def test_an_action_that_is_not_carried_out_is_listed(
    session: boto3.Session, emulator: Emulator, account_id: str
) -> None:
    """Topics are told, and functions are called; of a composite alarm topics only."""
    cloudwatch, name = session.client("cloudwatch"), f"alarm-{uuid4().hex[:8]}"
    stop = "arn:aws:automate:us-east-1:ec2:stop"
    topic = f"arn:aws:sns:us-east-1:{account_id}:{name}"
    function = f"arn:aws:lambda:us-east-1:{account_id}:function:{name}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Ours",
        MetricName="Failures",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic, stop],
        OKActions=[function],
    )

    cloudwatch.put_composite_alarm(
        AlarmName=f"{name}-2", AlarmRule=f"ALARM({name})", OKActions=[topic, function]
    )

    lines = unproven.lines(emulator.endpoint_url, account_id)
    of_it = [one for one in lines if stop in one or name in one]
    kept = "is kept, but never carried out"
    assert of_it == [
        f"AWS::CloudWatch::Alarm.AlarmActions: {stop} {kept}",
        f"AWS::CloudWatch::CompositeAlarm.OKActions: {function} {kept}",
    ]
