"""Where LocalStack's CloudFormation differs from AWS's."""

from functools import partialmethod

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProviderExecutor,
    ResourceRequest,
)
from localstack.services.lambda_.resource_providers.lambda_alias import (
    LambdaAliasProvider,
)

POLL_S = 0.05
_UPDATABLE = ("FunctionVersion", "Description", "RoutingConfig")


def install() -> None:
    """Correct LocalStack's CloudFormation."""
    # Its default looks at a resource that is not ready yet once a second.
    ResourceProviderExecutor.deploy_loop = partialmethod(
        ResourceProviderExecutor.deploy_loop, sleep_time=POLL_S
    )
    # It has none: an update would delete the alias.
    LambdaAliasProvider.update = _update_alias


def _update_alias(_self: object, request: ResourceRequest) -> ProgressEvent:
    wanted = request.desired_state
    model = {**wanted, "Id": request.previous_state["Id"]}
    request.aws_client_factory.lambda_.update_alias(
        FunctionName=model["FunctionName"],
        Name=model["Name"],
        # What the template no longer says is back at its default.
        **{"Description": "", "RoutingConfig": {}}
        | {name: wanted[name] for name in _UPDATABLE if name in wanted},
    )
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)
