"""The deployed refund service: where its API, table, queues and functions are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    import boto3
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef

FUNCTIONS = ("receiver", "processor", "reader", "sweeper")
# What API and queue invoke: it points to the version that was published last.
ALIAS = "live"
# As the template has it: any other stage moves money.
HARMLESS = {"test", "local", "preview"}


@dataclass(frozen=True, slots=True)
class Function:
    """A deployed Lambda function and its execution role."""

    name: str
    role_arn: str

    @property
    def live(self) -> str:
        """The function as API and queue invoke it."""
        return f"{self.name}:{ALIAS}"


@dataclass(frozen=True, slots=True)
class RefundService:
    """What a client or an operator needs to know of one deployed stack.

    ``origin`` is the API without its stage: a ``Location`` header is appended to it.
    ``endpoint_url`` is LocalStack's, or empty on AWS.
    """

    name: str
    region: str
    endpoint_url: str
    origin: str
    stage: str
    api_key: str = field(repr=False)
    table_name: str
    queue_url: str
    dlq_url: str
    dlq_arn: str
    functions: Mapping[str, Function]

    @property
    def api_url(self) -> str:
        """Base URL; append ``/refunds``."""
        return f"{self.origin}/{self.stage}"


# Deploys one more stack, by the beginning of its name and the parameters of its own.
type DeployAnother = Callable[[str, Mapping[str, str]], RefundService]


def from_outputs(
    name: str,
    outputs: Mapping[str, str],
    apigateway: Any,  # noqa: ANN401 - boto3 makes clients at run time
    endpoint_url: str,
) -> RefundService:
    """Describe a stack from its outputs; asks API Gateway for the key's value."""
    key = apigateway.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    return RefundService(
        name=name,
        region=apigateway.meta.region_name,
        endpoint_url=endpoint_url,
        origin=f"{endpoint_url}/_aws/execute-api/{outputs['ApiId']}",
        stage=outputs["StageName"],
        api_key=key["value"],
        table_name=outputs["TableName"],
        queue_url=outputs["QueueUrl"],
        dlq_url=outputs["DlqUrl"],
        dlq_arn=outputs["DlqArn"],
        functions={
            function: Function(
                outputs[f"{function.capitalize()}FunctionName"],
                outputs[f"{function.capitalize()}RoleArn"],
            )
            for function in FUNCTIONS
        },
    )


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployed stack and how it was deployed."""

    stack: RefundService
    gateway_url: str

    @property
    def is_production(self) -> bool:
        """Whether an approved refund moves real money."""
        return self.stack.stage not in HARMLESS

    @property
    def has_simulated_gateway(self) -> bool:
        """Whether refunds end in the Processor itself: no payment gateway is called."""
        return self.gateway_url == "simulated"


def find_stage(
    session: "boto3.Session", name: str, *, api_url: str = "", endpoint_url: str = ""
) -> Stage:
    """Describe a stack by its outputs and parameters, and ask for its API key.

    ``api_url`` replaces the output ``ApiUrl`` where the API is reached another way.

    Raises:
        HarnessError: there is no such stack, or it is not of this service.
    """
    outputs, parameters = described(session.client("cloudformation"), name)
    try:
        stack = from_outputs(name, outputs, session.client("apigateway"), endpoint_url)
        url = api_url or outputs["ApiUrl"]
        gateway_url = parameters["GatewayUrl"]
    except KeyError as missing:
        raise HarnessError(f"stack {name} is no refund service: no {missing}") from None
    origin = url.rstrip("/").removesuffix(f"/{stack.stage}")
    return Stage(replace(stack, origin=origin), gateway_url)


def described(
    cloudformation: "CloudFormationClient", name: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return a stack's outputs and its parameters, each by name.

    Raises:
        HarnessError: there is no such stack.
    """
    stack = _describe(cloudformation, name)
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
    parameters = {
        one["ParameterKey"]: one["ParameterValue"]
        for one in stack.get("Parameters", [])
    }
    return outputs, parameters


def _describe(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef":
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        told = error.response["Error"]
        if told["Code"] != "ValidationError":
            raise HarnessError(f"stack {name}: {told['Message']}") from error
        region = cloudformation.meta.region_name
        raise HarnessError(f"there is no stack {name} in {region}") from error
