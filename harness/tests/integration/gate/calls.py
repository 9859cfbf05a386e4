"""One call per service that can be refused, and how AWS refuses it.

The codes and statuses are those of a call to AWS itself, for each of the protocols.
"""

from collections.abc import Callable
from dataclasses import dataclass

from botocore import xform_name

from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Roles


@dataclass(frozen=True, slots=True)
class Refused:
    """How a protocol says that a call is refused."""

    code: str
    http_status: int


JSON = Refused("AccessDeniedException", 400)
# Query and REST with XML; SQS's JSON answers like query.
XML = Refused("AccessDenied", 403)


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a resource that needs one permission: ``action`` on ``arn``."""

    action: str
    arn: str
    parameters: dict[str, object]
    refused: Refused = XML
    differs: str = ""
    method: str = ""

    @property
    def service(self) -> str:
        """The service, as boto3 names it."""
        return self.action.partition(":")[0]

    @property
    def operation(self) -> str:
        """The method of boto3's client, which most actions have their name from."""
        name: str = xform_name(self.action.partition(":")[2])
        return self.method or name

    @property
    def shown(self) -> str:
        """The action as the refusal has it."""
        return self.differs or self.action


def get_item(resources: Resources, _roles: Roles) -> Call:
    """Read from a table."""
    table = resources.table()
    asked: dict[str, object] = {"TableName": table, "Key": {"PK": {"S": "1"}}}
    arn = resources.arn("dynamodb", f"table/{table}")
    return Call("dynamodb:GetItem", arn, asked, JSON)


def send_message(resources: Resources, _roles: Roles) -> Call:
    """Send to a queue."""
    queue = resources.queue()
    asked: dict[str, object] = {"QueueUrl": queue.url, "MessageBody": "{}"}
    return Call("sqs:SendMessage", queue.arn, asked, differs="sqs:sendmessage")


def create_log_stream(resources: Resources, _roles: Roles) -> Call:
    """Create a log stream."""
    group = resources.log_group()
    asked: dict[str, object] = {"logGroupName": group, "logStreamName": "s"}
    arn = resources.arn("logs", f"log-group:{group}:log-stream:s")
    return Call("logs:CreateLogStream", arn, asked, JSON)


def get_object(resources: Resources, _roles: Roles) -> Call:
    """Read an object."""
    bucket = resources.bucket("k")
    asked: dict[str, object] = {"Bucket": bucket, "Key": "k"}
    return Call("s3:GetObject", f"arn:aws:s3:::{bucket}/k", asked)


def publish(resources: Resources, _roles: Roles) -> Call:
    """Publish to a topic."""
    topic = resources.topic()
    asked: dict[str, object] = {"TopicArn": topic, "Message": "m"}
    refused = Refused("AuthorizationError", 403)
    return Call("sns:Publish", topic, asked, refused, differs="SNS:Publish")


def assume_role(_resources: Resources, roles: Roles) -> Call:
    """Assume another role, one that trusts the account."""
    arn = roles.make().arn
    asked: dict[str, object] = {"RoleArn": arn, "RoleSessionName": "other"}
    return Call("sts:AssumeRole", arn, asked)


def get_role(_resources: Resources, roles: Roles) -> Call:
    """Read a role."""
    other = roles.make()
    return Call("iam:GetRole", other.arn, {"RoleName": other.name})


def put_metric_data(_resources: Resources, _roles: Roles) -> Call:
    """Send a metric: an action that knows no resources."""
    data = [{"MetricName": "m", "Value": 1}]
    asked: dict[str, object] = {"Namespace": "Gate", "MetricData": data}
    return Call("cloudwatch:PutMetricData", "*", asked)


def get_rest_apis(_resources: Resources, _roles: Roles) -> Call:
    """List the APIs: the action is the HTTP method, the resource its path."""
    arn = "arn:aws:apigateway:us-east-1::/restapis"
    refused = Refused("AccessDeniedException", 403)
    return Call("apigateway:GET", arn, {}, refused, method="get_rest_apis")


CALLS: tuple[Callable[[Resources, Roles], Call], ...] = (
    get_item,
    send_message,
    create_log_stream,
    get_object,
    publish,
    assume_role,
    get_role,
    put_metric_data,
    get_rest_apis,
)
