"""CloudWatch Logs: what is done to a group is authorised on its streams' ARN.

AWS writes a group without a stream as ``log-group:NAME:log-stream:``, which is why
policies end in ``:*``.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

import json
import time
from typing import Any

from sam_harness.iam.call import Call, arn_of, by, every, rules
from sam_harness.iam.request import several
from sam_harness.iam.service import (
    JSON,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
    Subject,
)


def _tagged_group(call: Call, name: str) -> str:
    return arn_of(call, name, "log-group:{}").removesuffix(":*")


def _group(call: Call, name: str) -> str:
    return f"{_tagged_group(call, name)}:log-stream:"


def _stream(call: Call) -> str:
    named = by("logGroupName", "logGroupIdentifier", arn=_group)(call)
    return f"{named}{call.text('logStreamName')}"


RULES = rules(
    "logs",
    {
        _stream: "CreateLogStream DeleteLogStream GetLogEvents PutLogEvents",
        every("log-group::log-stream:"): "DescribeLogGroups",
        by("logGroupName", arn=_tagged_group): """
            ListTagsLogGroup TagLogGroup UntagLogGroup
        """,
        by("logGroupName", arn=_group): "PutSubscriptionFilter",
    },
)


def _read_policies(logs: Any, _arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    """Return what an account's policies say together, also those of single groups.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html
    """
    statements: list[Any] = []
    for policy in logs.describe_resource_policies()["resourcePolicies"]:
        statements += several(json.loads(policy["policyDocument"])["Statement"])
    # Two policies may have the same one.
    for one in statements:
        one.pop("Sid", None)
    told = {"Version": "2012-10-17", "Statement": statements}
    return json.dumps(told) if statements else None


def _of_stream(it: Subject) -> dict[str, Any]:
    group, _, stream = it.arn.partition(":log-group:")[2].partition(":log-stream:")
    return {"logGroupName": group, "logStreamName": stream or "access"}


def _events(it: Subject) -> dict[str, Any]:
    event = {"timestamp": time.time_ns() // 1_000_000, "message": "access"}
    return {**_of_stream(it), "logEvents": [event]}


SERVICE = Service(
    name="logs",
    rules=RULES,
    names={"logGroupName": _group, "logGroupIdentifier": _group, "resourceArn": "{}"},
    passes="roleArn",
    errors=JSON,
    types={
        "AWS::Logs::LogGroup": ResourceType(
            # With the ":*" that CloudFormation's attribute really has.
            "logs:{region}:{account}:log-group:{name}:*",
            "LogGroupName",
            separator=":",
        )
    },
    policy=ResourcePolicy(
        _read_policies,
        absent=(),
        holder=lambda arn: ":".join([*arn.split(":")[:5], "log-group"]),
        of_account=True,
    ),
    # Of a stream, those of its group.
    tags=lambda logs, arn: logs.list_tags_for_resource(
        resourceArn=":".join(arn.split(":")[:7])
    ).get("tags"),
    harmless="CreateLogStream PutLogEvents",
    samples={
        "CreateLogStream": SampleCall(_of_stream, ("ResourceAlreadyExistsException",)),
        "PutLogEvents": SampleCall(_events, ("ResourceNotFoundException",)),
    },
)
