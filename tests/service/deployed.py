"""A deployed refund stack: where its API, table, queues and functions are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FUNCTIONS = ("receiver", "processor", "reader")
# What API and queue invoke: it points to the version that was published last.
ALIAS = "live"


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
class RefundStack:
    """What a client or an operator needs to know of one stack.

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


def from_outputs(
    name: str,
    outputs: Mapping[str, str],
    apigateway: Any,  # noqa: ANN401 - boto3 makes clients at run time
    endpoint_url: str,
) -> RefundStack:
    """Describe a stack from its outputs; asks API Gateway for the key's value."""
    key = apigateway.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    return RefundStack(
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
