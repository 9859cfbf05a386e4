"""CloudFormation's functions: what they reserve to run at once, which LocalStack drops.

Lambda itself keeps to it, as AWS's does:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.lambda_.resource_providers.aws_lambda_function import (
    LambdaFunctionProvider,
)

_RESERVED = "ReservedConcurrentExecutions"


class Function(LambdaFunctionProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a function; called again until it is there."""
        return _reserved(request, super().create(request))

    def update(self, request: ResourceRequest) -> ProgressEvent:
        """Change a function and what it reserves."""
        return _reserved(request, super().update(request))


PROVIDERS = {Function.TYPE: Function()}


def _reserved(request: ResourceRequest, event: ProgressEvent) -> ProgressEvent:
    if event.status != OperationStatus.SUCCESS:
        return event
    client = request.aws_client_factory.lambda_
    name = event.resource_model["FunctionName"]
    if (wanted := request.desired_state.get(_RESERVED)) is not None:
        client.put_function_concurrency(FunctionName=name, **{_RESERVED: int(wanted)})
    elif event.resource_model.pop(_RESERVED, None) is not None:
        client.delete_function_concurrency(FunctionName=name)
    return event
