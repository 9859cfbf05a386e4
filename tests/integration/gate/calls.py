"""One call per service that can be refused, and how AWS refuses it.

The codes and statuses are those of a call to AWS itself, for each of the protocols:
JSON, query, REST with JSON, REST with XML, and SQS's JSON that answers like query.
"""

from collections.abc import Callable
from dataclasses import dataclass

from integration.gate.resources import Resources
from integration.gate.roles import Roles


@dataclass(frozen=True, slots=True)
class Call:
    """``client(service).operation(**parameters)``; ``shown``: as the message has it."""

    service: str
    operation: str
    parameters: dict[str, object]
    action: str
    arn: str
    code: str
    http_status: int
    shown: str


def get_item(resources: Resources, _roles: Roles) -> Call:
    """Read from a table."""
    table = resources.table()
    return Call(
        "dynamodb",
        "get_item",
        {"TableName": table, "Key": {"PK": {"S": "1"}}},
        "dynamodb:GetItem",
        resources.arn("dynamodb", f"table/{table}"),
        "AccessDeniedException",
        400,
        "dynamodb:GetItem",
    )


def send_message(resources: Resources, _roles: Roles) -> Call:
    """Send to a queue."""
    queue = resources.queue()
    return Call(
        "sqs",
        "send_message",
        {"QueueUrl": queue.url, "MessageBody": "{}"},
        "sqs:SendMessage",
        queue.arn,
        "AccessDenied",
        403,
        "sqs:sendmessage",
    )


def create_log_stream(resources: Resources, _roles: Roles) -> Call:
    """Create a log stream."""
    group = resources.log_group()
    return Call(
        "logs",
        "create_log_stream",
        {"logGroupName": group, "logStreamName": "s"},
        "logs:CreateLogStream",
        resources.arn("logs", f"log-group:{group}:log-stream:s"),
        "AccessDeniedException",
        400,
        "logs:CreateLogStream",
    )


def get_object(resources: Resources, _roles: Roles) -> Call:
    """Read an object."""
    bucket = resources.bucket("k")
    return Call(
        "s3",
        "get_object",
        {"Bucket": bucket, "Key": "k"},
        "s3:GetObject",
        f"arn:aws:s3:::{bucket}/k",
        "AccessDenied",
        403,
        "s3:GetObject",
    )


def publish(resources: Resources, _roles: Roles) -> Call:
    """Publish to a topic."""
    topic = resources.topic()
    return Call(
        "sns",
        "publish",
        {"TopicArn": topic, "Message": "m"},
        "sns:Publish",
        topic,
        "AuthorizationError",
        403,
        "SNS:Publish",
    )


def assume_role(_resources: Resources, roles: Roles) -> Call:
    """Assume another role, one that trusts the account."""
    arn = roles.make().arn
    return Call(
        "sts",
        "assume_role",
        {"RoleArn": arn, "RoleSessionName": "other"},
        "sts:AssumeRole",
        arn,
        "AccessDenied",
        403,
        "sts:AssumeRole",
    )


def get_role(_resources: Resources, roles: Roles) -> Call:
    """Read a role."""
    other = roles.make()
    return Call(
        "iam",
        "get_role",
        {"RoleName": other.name},
        "iam:GetRole",
        other.arn,
        "AccessDenied",
        403,
        "iam:GetRole",
    )


def put_metric_data(_resources: Resources, _roles: Roles) -> Call:
    """Send a metric: an action that knows no resources."""
    return Call(
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "Gate", "MetricData": [{"MetricName": "m", "Value": 1}]},
        "cloudwatch:PutMetricData",
        "*",
        "AccessDenied",
        403,
        "cloudwatch:PutMetricData",
    )


CALLS: tuple[Callable[[Resources, Roles], Call], ...] = (
    get_item,
    send_message,
    create_log_stream,
    get_object,
    publish,
    assume_role,
    get_role,
    put_metric_data,
)
