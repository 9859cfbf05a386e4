"""What ``Ref`` and ``GetAtt`` give for a resource, as far as that can be known.

Explicit names are used; other resources are called ``<stack>-<LogicalId>``, the name
that CloudFormation would make without its random suffix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack lives."""

    account_id: str
    region: str
    partition: str
    stack_name: str

    @property
    def url_suffix(self) -> str:
        """The domain of this partition's endpoints."""
        china = self.partition == "aws-cn"
        return "amazonaws.com.cn" if china else "amazonaws.com"

    @property
    def stack_id(self) -> str:
        """The stack's ARN, with a made-up unique part."""
        owner = f"{self.region}:{self.account_id}"
        unique = "00000000-0000-0000-0000-000000000000"
        name = f"stack/{self.stack_name}/{unique}"
        return f"arn:{self.partition}:cloudformation:{owner}:{name}"


# Type -> (the property that names it, its ARN after "arn:<partition>:").
# {name} is the physical name, {path} an IAM path that starts and ends with "/".
_KINDS: Mapping[str, tuple[str, str]] = {
    "AWS::ApiGateway::RestApi": ("", "apigateway:{region}::/restapis/{name}"),
    "AWS::ApiGateway::Stage": ("StageName", ""),
    "AWS::ApiGatewayV2::Api": ("", "apigateway:{region}::/apis/{name}"),
    "AWS::ApiGatewayV2::Stage": ("StageName", ""),
    "AWS::CloudWatch::Alarm": (
        "AlarmName",
        "cloudwatch:{region}:{account}:alarm:{name}",
    ),
    "AWS::CloudWatch::CompositeAlarm": (
        "AlarmName",
        "cloudwatch:{region}:{account}:alarm:{name}",
    ),
    "AWS::Cognito::UserPool": ("", "cognito-idp:{region}:{account}:userpool/{name}"),
    "AWS::DynamoDB::GlobalTable": (
        "TableName",
        "dynamodb:{region}:{account}:table/{name}",
    ),
    "AWS::DynamoDB::Table": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::Events::EventBus": ("Name", "events:{region}:{account}:event-bus/{name}"),
    "AWS::Events::Rule": ("Name", "events:{region}:{account}:rule/{name}"),
    "AWS::IAM::ManagedPolicy": (
        "ManagedPolicyName",
        "iam::{account}:policy{path}{name}",
    ),
    "AWS::IAM::Role": ("RoleName", "iam::{account}:role{path}{name}"),
    "AWS::IAM::User": ("UserName", "iam::{account}:user{path}{name}"),
    "AWS::KMS::Key": ("", "kms:{region}:{account}:key/{name}"),
    "AWS::Kinesis::Stream": ("Name", "kinesis:{region}:{account}:stream/{name}"),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamName",
        "firehose:{region}:{account}:deliverystream/{name}",
    ),
    "AWS::Lambda::Function": (
        "FunctionName",
        "lambda:{region}:{account}:function:{name}",
    ),
    "AWS::Lambda::LayerVersion": (
        "LayerName",
        "lambda:{region}:{account}:layer:{name}:1",
    ),
    "AWS::Logs::LogGroup": (
        "LogGroupName",
        # With the ":*" that CloudFormation's attribute really has.
        "logs:{region}:{account}:log-group:{name}:*",
    ),
    "AWS::S3::Bucket": ("BucketName", "s3:::{name}"),
    "AWS::SNS::Topic": ("TopicName", "sns:{region}:{account}:{name}"),
    "AWS::SQS::Queue": ("QueueName", "sqs:{region}:{account}:{name}"),
    "AWS::SSM::Parameter": ("Name", "ssm:{region}:{account}:parameter/{name}"),
    "AWS::SecretsManager::Secret": (
        "Name",
        "secretsmanager:{region}:{account}:secret:{name}",
    ),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        "states:{region}:{account}:stateMachine:{name}",
    ),
}
_REF_IS_ARN = {
    "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::LayerVersion",
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}
# Attributes that are the physical name, whatever the type calls them.
_NAME_ATTRIBUTES = {
    "ApiId",
    "KeyId",
    "Name",
    "QueueName",
    "RestApiId",
    "TopicName",
    "UserPoolId",
}
_LOWER_CASE = {"AWS::S3::Bucket"}


class Identity(NamedTuple):
    """The ways to refer to a resource."""

    name: str
    arn: str
    ref: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the template with resolved naming properties."""

    logical_id: str
    kind: str
    properties: Callable[[str], Any]
    place: Place

    @property
    def name(self) -> str:
        """The physical name."""
        if self.kind == "AWS::Lambda::Version":
            return f"{_last(self.properties('FunctionName'))}:1"
        if self.kind == "AWS::Lambda::Alias":
            function = _last(self.properties("FunctionName"))
            return f"{function}:{self.properties('Name')}"
        naming, _ = _KINDS.get(self.kind, ("", ""))
        explicit = self.properties(naming) if naming else None
        made = f"{self.place.stack_name}-{self.logical_id}"
        return str(explicit or (made.lower() if self.kind in _LOWER_CASE else made))

    @property
    def arn(self) -> str:
        """The ARN; for a type without a table entry one that only looks right."""
        place = self.place
        if self.kind in {"AWS::Lambda::Version", "AWS::Lambda::Alias"}:
            template = "lambda:{region}:{account}:function:{name}"
        else:
            service = self.kind.split("::")[1].lower() if "::" in self.kind else "x"
            template = _KINDS.get(self.kind, ("", ""))[1]
            template = template or service + ":{region}:{account}:{name}"
        path = (self.properties("Path") or "/") if "{path}" in template else "/"
        name = self.name
        if self.kind == "AWS::SSM::Parameter":
            name = name.removeprefix("/")
        filled = template.format(
            region=place.region, account=place.account_id, name=name, path=path
        )
        return f"arn:{place.partition}:{filled}"

    @property
    def ref(self) -> str:
        """What ``Ref`` gives."""
        if self.kind == "AWS::SQS::Queue":
            return self.attribute("QueueUrl")
        if self.kind in _REF_IS_ARN or self.kind in {
            "AWS::Lambda::Version",
            "AWS::Lambda::Alias",
        }:
            return self.arn
        return self.name

    def attribute(self, name: str) -> str:
        """Return what ``GetAtt`` gives; ``<name>.<attribute>`` if that is unknown."""
        place = self.place
        if name == "Arn" or (name.endswith("Arn") and "." not in name):
            suffix = "/stream/latest" if name == "StreamArn" else ""
            return self.arn + (suffix if "DynamoDB" in self.kind else "")
        if name in _NAME_ATTRIBUTES:
            return self.name
        if name == "QueueUrl":
            host = f"sqs.{place.region}.{place.url_suffix}"
            return f"https://{host}/{place.account_id}/{self.name}"
        return f"{self.name}.{name}"


def _last(function: object) -> str:
    """Return the name in a function's name or ARN."""
    return str(function).rpartition(":")[2]
