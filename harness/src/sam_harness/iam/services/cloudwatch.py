"""CloudWatch: alarms and dashboards by name; metrics know no resources."""

from sam_harness.iam.call import Call, add_keys, add_tags, anything, by, each, rules
from sam_harness.iam.service import QUERY, ResourceType, SampleCall, Service

_ALARM = "alarm:{}"


def _dashboard(call: Call, name: str) -> str:
    return call.global_arn(f"dashboard/{name}")


RULES = rules(
    "cloudwatch",
    {
        by("AlarmName", arn=_ALARM): "PutCompositeAlarm PutMetricAlarm SetAlarmState",
        by("AlarmName", arn=_ALARM, default="*"): "DescribeAlarmHistory",
        each("AlarmNames", _ALARM): """
            DeleteAlarms DescribeAlarms DisableAlarmActions EnableAlarmActions
        """,
        by("DashboardName", arn=_dashboard): "GetDashboard PutDashboard",
        each("DashboardNames", _dashboard): "DeleteDashboards",
        by("ResourceARN", arn=_ALARM): "ListTagsForResource TagResource UntagResource",
        anything: "PutMetricData",
    },
)
add_keys(
    RULES,
    "PutCompositeAlarm PutMetricAlarm",
    {"cloudwatch:AlarmActions": "AlarmActions"},
)
add_keys(RULES, "PutMetricData", {"cloudwatch:namespace": "Namespace"})
add_tags(RULES, "TagResource")
add_tags(RULES, "PutCompositeAlarm PutMetricAlarm", needs="cloudwatch:TagResource")

_ALARM_TYPE = ResourceType("cloudwatch:{region}:{account}:alarm:{name}", "AlarmName")

SERVICE = Service(
    name="cloudwatch",
    rules=RULES,
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
