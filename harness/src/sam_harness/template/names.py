"""What ``Ref`` and ``GetAtt`` give for a resource, as far as that can be known.

Explicit names are used; other resources are called ``<stack>-<LogicalId>``, the name
that CloudFormation would make without its random suffix, unless the place has one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sam_harness.iam.service import ResourceType
from sam_harness.iam.services import TYPES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack lives; ``suffix`` ends the names that CloudFormation makes up."""

    account_id: str
    region: str
    partition: str
    stack_name: str
    suffix: str = ""

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


# Where a stack is checked that no place is given for.
ANYWHERE = Place("123456789012", "us-east-1", "aws", "stack")


def _within_application(properties: Callable[[str], Any], made: str) -> str:
    group = properties("DeploymentGroupName") or made
    return f"{properties('ApplicationName')}/{group}"


# Types of services that have no file in sam_harness.iam.services.
_OTHERS: Mapping[str, ResourceType] = {
    "AWS::CodeDeploy::Application": ResourceType(
        "codedeploy:{region}:{account}:application:{name}", "ApplicationName"
    ),
    "AWS::CodeDeploy::DeploymentConfig": ResourceType(
        "codedeploy:{region}:{account}:deploymentconfig:{name}", "DeploymentConfigName"
    ),
    "AWS::CodeDeploy::DeploymentGroup": ResourceType(
        "codedeploy:{region}:{account}:deploymentgroup:{name}", _within_application
    ),
    "AWS::Cognito::UserPool": ResourceType(
        "cognito-idp:{region}:{account}:userpool/{name}"
    ),
    "AWS::KMS::Key": ResourceType("kms:{region}:{account}:key/{name}"),
    "AWS::Kinesis::Stream": ResourceType(
        "kinesis:{region}:{account}:stream/{name}", "Name"
    ),
    "AWS::KinesisFirehose::DeliveryStream": ResourceType(
        "firehose:{region}:{account}:deliverystream/{name}", "DeliveryStreamName"
    ),
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


def type_of(kind: str) -> ResourceType:
    """Return what is known of a type; of a foreign one an ARN that only looks right."""
    return TYPES.get(kind) or _OTHERS.get(kind) or ResourceType()


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
    def _type(self) -> ResourceType:
        return type_of(self.kind)

    @property
    def name(self) -> str:
        """The physical name."""
        made = f"{self.place.stack_name}-{self.logical_id}{self.place.suffix}"
        naming = self._type.name
        if callable(naming):
            return naming(self.properties, made)
        return str((self.properties(naming) if naming else None) or made)

    @property
    def arn(self) -> str:
        """The ARN; for a type that is not known one that only looks right."""
        service = self.kind.split("::")[1].lower() if "::" in self.kind else "x"
        written = self._type.arn or service + ":{region}:{account}:{name}"
        path = (self.properties("Path") or "/") if "{path}" in written else "/"
        name = self.name
        if self.kind == "AWS::SSM::Parameter":
            name = name.removeprefix("/")
        return f"arn:{self.place.partition}:{self._filled(written, name, path)}"

    @property
    def ref(self) -> str:
        """What ``Ref`` gives."""
        return self._written(self._type.ref) if self._type.ref else self.name

    def attribute(self, name: str) -> str:
        """Return what ``GetAtt`` gives; ``<name>.<attribute>`` if that is unknown."""
        if written := self._type.attributes.get(name):
            return self._written(written)
        if name == "Arn" or (name.endswith("Arn") and "." not in name):
            return self.arn
        return self.name if name in _NAME_ATTRIBUTES else f"{self.name}.{name}"

    def _written(self, form: str) -> str:
        return self._filled(form, self.name, "/", arn=self.arn)

    def _filled(self, form: str, name: str, path: str, arn: str = "") -> str:
        place = self.place
        return form.format(
            arn=arn,
            name=name,
            path=path,
            region=place.region,
            account=place.account_id,
            url_suffix=place.url_suffix,
        )
