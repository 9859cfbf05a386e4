"""Finds a deployed stage by its stack's name, wherever the AWS clients lead."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from harness.errors import HarnessError
from refund_stack.stack import RefundStack, from_outputs

if TYPE_CHECKING:
    import boto3
    from types_boto3_cloudformation.type_defs import StackTypeDef

PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Stage:
    """A deployed stack and how it was deployed."""

    stack: RefundStack
    gateway_url: str

    @property
    def is_production(self) -> bool:
        """Whether an approved refund moves real money."""
        return self.stack.stage == PRODUCTION

    @property
    def has_simulated_gateway(self) -> bool:
        """Whether refunds end in the Processor itself: no payment gateway is called."""
        return not self.gateway_url


def on_stage(
    session: "boto3.Session", name: str, *, api_url: str = "", endpoint_url: str = ""
) -> Stage:
    """Describe a stack by its outputs and parameters, and ask for its API key.

    ``api_url`` replaces the output ``ApiUrl`` where the API is reached another way.

    Raises:
        HarnessError: there is no such stack, or it is not a refund stack.

    """
    described = _describe(session, name)
    outputs = {one["OutputKey"]: one["OutputValue"] for one in described["Outputs"]}
    parameters = {
        one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]
    }
    try:
        stack = from_outputs(name, outputs, session.client("apigateway"), endpoint_url)
        url = api_url or outputs["ApiUrl"]
        gateway_url = parameters["GatewayUrl"]
    except KeyError as missing:
        raise HarnessError(f"stack {name} is no refund stack: no {missing}") from None
    origin = url.rstrip("/").removesuffix(f"/{stack.stage}")
    return Stage(replace(stack, origin=origin), gateway_url)


def _describe(session: "boto3.Session", name: str) -> "StackTypeDef":
    cloudformation = session.client("cloudformation")
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        told = error.response["Error"]
        if told["Code"] != "ValidationError":
            raise HarnessError(f"stack {name}: {told['Message']}") from error
        region = session.region_name
        raise HarnessError(f"there is no stack {name} in {region}") from error
