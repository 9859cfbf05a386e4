"""Where LocalStack's Lambda differs from AWS's."""

from base64 import b64decode

from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
)
from localstack.services.lambda_.invocation.lambda_models import (
    Invocation,
    InvocationResult,
)

from harness.localstack_plugin import queue_polling, unpacked_code


def install() -> None:
    """Correct LocalStack's Lambda."""
    _pass_client_context()
    _log_where_configured()
    queue_polling.install()
    unpacked_code.share()


def _pass_client_context() -> None:
    # LocalStack stores the client context but passes it to no executor.
    def invoke(self: ExecutionEnvironment, invocation: Invocation) -> InvocationResult:
        encoded = invocation.client_context
        self.runtime_executor.client_context = encoded and b64decode(encoded).decode()
        return original(self, invocation)

    original = ExecutionEnvironment.invoke
    ExecutionEnvironment.invoke = invoke


def _log_where_configured() -> None:
    # LocalStack stores LoggingConfig.LogGroup but logs to the default group.
    def get_log_group_name(self: ExecutionEnvironment) -> str:
        configured = self.function_version.config.logging_config.get("LogGroup")
        return str(configured or original(self))

    original = ExecutionEnvironment.get_log_group_name
    ExecutionEnvironment.get_log_group_name = get_log_group_name
