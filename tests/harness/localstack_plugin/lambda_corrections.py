"""Where LocalStack's Lambda differs from AWS's; installed with the executor."""

from functools import cache
from typing import Any

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
)
from localstack.services.lambda_.invocation.lambda_models import (
    Invocation,
    InvocationResult,
)
from localstack.services.lambda_.resource_providers.lambda_alias import (
    LambdaAliasProvider,
)

_UPDATABLE = ("FunctionVersion", "Description", "RoutingConfig")


@cache
def install() -> None:
    """Correct LocalStack's Lambda; once, however often it is called."""
    _pass_client_context()
    _log_where_configured()
    LambdaAliasProvider.update = _update_alias


def _pass_client_context() -> None:
    # LocalStack stores the client context but passes it to no executor.
    def invoke(self: Any, invocation: Invocation) -> InvocationResult:  # noqa: ANN401
        self.runtime_executor.client_context = invocation.client_context
        return original(self, invocation)

    original = ExecutionEnvironment.invoke
    ExecutionEnvironment.invoke = invoke


def _log_where_configured() -> None:
    # LocalStack stores LoggingConfig.LogGroup but logs to the default group.
    def get_log_group_name(self: Any) -> str:  # noqa: ANN401
        configured = self.function_version.config.logging_config.get("LogGroup")
        return str(configured or original(self))

    original = ExecutionEnvironment.get_log_group_name
    ExecutionEnvironment.get_log_group_name = get_log_group_name


def _update_alias(_self: object, request: ResourceRequest) -> ProgressEvent:
    # LocalStack has none: an update would delete the alias.
    model = {**request.previous_state, **request.desired_state}
    model["Id"] = request.previous_state["Id"]
    wanted = {key: model[key] for key in _UPDATABLE if key in request.desired_state}
    request.aws_client_factory.lambda_.update_alias(
        FunctionName=model["FunctionName"], Name=model["Name"], **wanted
    )
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)
