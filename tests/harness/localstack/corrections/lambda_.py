"""Where LocalStack's Lambda differs from AWS's."""

from base64 import b64decode

from localstack.services.lambda_.invocation.event_manager import (
    Poller,
    get_sqs_client,
)
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
)
from localstack.services.lambda_.invocation.lambda_models import (
    Invocation,
    InvocationResult,
)

from harness.localstack_plugin import queue_polling, unpacked_code

_WAIT_S = 2
# On top of the function's timeout: a message that is handled stays hidden for so long.
_MARGIN_S = 60


def install() -> None:
    """Correct LocalStack's Lambda."""
    _pass_client_context()
    _log_where_configured()
    _handle_events_after_an_update()
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


def _handle_events_after_an_update() -> None:
    # After an update the poller of the version before waits for up to two seconds more.
    # LocalStack drops the event that it gets meanwhile; the next look at it is a minute
    # later.
    def run(self: Poller, *_arguments: object) -> None:
        version = self.version_manager.function_version
        queue = get_sqs_client(version)
        while not self._shutdown_event.is_set():
            try:
                received = queue.receive_message(
                    QueueUrl=self.event_queue_url,
                    WaitTimeSeconds=_WAIT_S,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=version.config.timeout + _MARGIN_S,
                )
            except ValueError:  # the function and its queue are deleted
                return
            for message in received["Messages"] or ():
                _handle(self, message)

    Poller.run = run


def _handle(poller: Poller, message: object) -> None:
    try:
        poller.invoker_pool.submit(poller.handle_message, message)
    except RuntimeError:  # stopped meanwhile; handled, the event is the new version's
        poller.handle_message(message)
