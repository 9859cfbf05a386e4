"""CloudWatch: alarms and dashboards by name; metrics know no resources."""

from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    Rule,
    anything,
    by,
    given,
    rules,
    strings,
    with_tags,
)


def _alarm(call: Call, name: str) -> str:
    return call.arn(f"alarm:{name}")


def _dashboard(call: Call, name: str) -> str:
    return call.global_arn("cloudwatch", f"dashboard/{name}")


def _alarms(action: str) -> Rule:
    def each(call: Call) -> Iterable[Authorization]:
        names = strings(call.parameters.get("AlarmNames")) or ("*",)
        return tuple(Authorization(action, _alarm(call, name)) for name in names)

    return each


def _history(call: Call) -> Iterable[Authorization]:
    alarm = _alarm(call, str(call.parameters.get("AlarmName") or "*"))
    return (Authorization("cloudwatch:DescribeAlarmHistory", alarm),)


def _put_alarm(call: Call) -> Iterable[Authorization]:
    actions = strings(call.parameters.get("AlarmActions"))
    context = {"cloudwatch:AlarmActions": actions} if actions else {}
    alarm = _alarm(call, call.text("AlarmName"))
    return (Authorization(f"cloudwatch:{call.operation}", alarm, context),)


def _put_metrics(call: Call) -> Iterable[Authorization]:
    context = given(call, cloudwatch__namespace="Namespace")
    return (Authorization("cloudwatch:PutMetricData", "*", context),)


def _delete_dashboards(call: Call) -> Iterable[Authorization]:
    names = strings(call.parameters.get("DashboardNames")) or ("*",)
    return tuple(
        Authorization("cloudwatch:DeleteDashboards", _dashboard(call, name))
        for name in names
    )


_PUT = {"PutMetricAlarm": _put_alarm, "PutCompositeAlarm": _put_alarm}
_NAMED = rules(
    "cloudwatch",
    {
        by("AlarmName", _alarm): "SetAlarmState",
        by("DashboardName", _dashboard): "GetDashboard PutDashboard",
        by("ResourceARN", _alarm): "ListTagsForResource TagResource UntagResource",
        anything: """
            DescribeAlarmsForMetric DescribeAnomalyDetectors GetMetricData
            GetMetricStatistics GetMetricWidgetImage ListDashboards ListMetrics
        """,
    },
)
RULES = {
    **_NAMED,
    **with_tags(_NAMED, "TagResource"),
    **with_tags(_PUT, "PutMetricAlarm PutCompositeAlarm"),
    "DeleteAlarms": _alarms("cloudwatch:DeleteAlarms"),
    "DeleteDashboards": _delete_dashboards,
    "DescribeAlarmHistory": _history,
    "DescribeAlarms": _alarms("cloudwatch:DescribeAlarms"),
    "DisableAlarmActions": _alarms("cloudwatch:DisableAlarmActions"),
    "EnableAlarmActions": _alarms("cloudwatch:EnableAlarmActions"),
    "PutMetricData": _put_metrics,
}
