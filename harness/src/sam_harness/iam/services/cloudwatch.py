"""CloudWatch: alarms and dashboards by name; metrics know no resources."""

from sam_harness.iam.call import Call, add_action, by, each, rules
from sam_harness.iam.service import QUERY, ResourceType, SampleCall, Service

_ALARM = "alarm:{}"


def _dashboard(call: Call, name: str) -> str:
    return call.global_arn(f"dashboard/{name}")


RULES = rules(
    "cloudwatch",
    {
        by("AlarmName", arn=_ALARM, default="*"): "DescribeAlarmHistory",
        by("AlarmName", arn=_ALARM): "PutCompositeAlarm PutMetricAlarm",
        each("AlarmNames", _ALARM): "DescribeAlarms",
    },
)
add_action(RULES, "PutCompositeAlarm PutMetricAlarm", "cloudwatch:TagResource", "Tags")

_ALARM_TYPE = ResourceType("cloudwatch:{region}:{account}:alarm:{name}", "AlarmName")

SERVICE = Service(
    name="cloudwatch",
    rules=RULES,
    names={
        "AlarmName": _ALARM,
        "AlarmNames": _ALARM,
        "DashboardName": _dashboard,
        "DashboardNames": _dashboard,
        "ResourceARN": "{}",
    },
    errors=QUERY,
    types={
        "AWS::CloudWatch::Alarm": _ALARM_TYPE,
        "AWS::CloudWatch::CompositeAlarm": _ALARM_TYPE,
        "AWS::CloudWatch::Dashboard": ResourceType(
            "cloudwatch::{account}:dashboard/{name}", "DashboardName"
        ),
    },
    samples={
        "DescribeAlarms": SampleCall(lambda it: {"AlarmNames": [it.name]}),
        "DescribeAlarmHistory": SampleCall(lambda it: {"AlarmName": it.name}),
    },
)
