"""CloudWatch Logs: what is done to a group is authorised on its streams' ARN.

AWS writes a group without a stream as ``log-group:NAME:log-stream:``, which is why
policies end in ``:*``.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from harness.iam.mapping.call import Call, anything, by, rules, with_tags


def _named(call: Call, parameter: str) -> str:
    name = call.text(parameter)
    arn = name if name.startswith("arn:") else call.arn(f"log-group:{name}")
    return arn.removesuffix(":*")


def _group(call: Call) -> str:
    known = call.parameters.get("logGroupName")
    parameter = "logGroupName" if known else "logGroupIdentifier"
    return f"{_named(call, parameter)}:log-stream:"


def _stream(call: Call) -> str:
    return _group(call) + call.text("logStreamName")


def _query(call: Call) -> str:
    return _group(call)


def _tagged_group(call: Call) -> str:
    return _named(call, "logGroupName")


def _resource(call: Call, name: str) -> str:
    return call.arn(name)


_GROUPS = rules(
    "logs",
    {
        _group: """
            CreateLogGroup DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy
            DeleteSubscriptionFilter DescribeLogStreams DescribeSubscriptionFilters
            FilterLogEvents GetLogGroupFields PutMetricFilter PutRetentionPolicy
            PutSubscriptionFilter
        """,
        _stream: "CreateLogStream DeleteLogStream GetLogEvents PutLogEvents",
        _tagged_group: "ListTagsLogGroup TagLogGroup UntagLogGroup",
        _query: "StartQuery",
        by("resourceArn", _resource): "ListTagsForResource TagResource UntagResource",
        anything: """
            DeleteResourcePolicy DescribeDestinations DescribeExportTasks
            DescribeLogGroups DescribeQueries DescribeQueryDefinitions
            DescribeResourcePolicies ListLogGroups PutResourcePolicy StopQuery
            TestMetricFilter
        """,
    },
)
RULES = {
    **_GROUPS,
    **with_tags(_GROUPS, "CreateLogGroup TagLogGroup TagResource", "tags"),
}
