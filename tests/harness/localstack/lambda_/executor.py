"""Runs Lambda functions as processes, with the Lambda runtime's libraries.

LocalStack makes one executor per execution environment and calls it from its own
threads; an environment serves one invocation at a time.
"""

import os
from pathlib import Path
from threading import Thread

from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from harness.localstack_plugin import function_environment, log_stream
from harness.localstack_plugin.function_instance import FunctionInstance
from harness.localstack_plugin.init_request import asks_to_initialise
from harness.localstack_plugin.runtime_api import Call
from harness.localstack_plugin.runtime_process import FunctionSpec

# The interpreter of an environment that holds what AWS's runtime holds.
PYTHON_VARIABLE = "LAMBDA_RUNTIME_PYTHON"
RUNTIME = "python3.13"


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc] # LocalStack is untyped
    """One execution environment of one function version."""

    client_context: str | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the process; its initialisation is awaited by the first invocation."""
        config = self.function_version.config
        code = Path(config.code.get_unzipped_code_location())
        environment = function_environment.of_function(
            env_vars, config.environment or {}, code=code, runtime=config.runtime
        )
        self._instance = FunctionInstance(
            Path(os.environ[PYTHON_VARIABLE]),
            FunctionSpec(
                handler=config.handler,
                code=code,
                environment=environment,
                timeout_s=config.timeout,
                memory_mb=config.memory_size,
                version=self.function_version.id.qualifier,
                is_traced=config.tracing_config_mode == "Active",
            ),
        )
        self._instance.start()
        # While the process starts: neither waits for the other.
        self._log_stream = Thread(target=log_stream.create, args=[environment])
        self._log_stream.start()

    def stop(self) -> None:
        """End the process and all it started."""
        self._instance.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one invocation to its end; failures of the function are results."""
        call = Call(
            request_id=payload["invoke-id"],
            payload=payload["payload"].encode(),
            function_arn=payload["invoked-function-arn"],
            trace_id=payload["trace-id"],
            client_context=self.client_context,
        )
        if asks_to_initialise(call.client_context):
            outcome = self._instance.initialise(call)
        else:
            outcome = self._instance.invoke(call)
        self._log_stream.join()  # LocalStack writes the log next
        return InvocationResult(
            payload["invoke-id"], outcome.payload, outcome.is_error, outcome.log
        )

    def get_address(self) -> str:
        """Where LocalStack reaches the function's process."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Where the function's process reaches LocalStack."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Nothing: the process talks to its own Runtime API server."""
        return ""

    def get_logs(self) -> str:
        """Nothing: each result carries its own log."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the code of a new version; what cannot be run is refused here."""
        config = function_version.config
        if config.runtime != RUNTIME:
            raise ValueError(
                f"{function_version.id.function_name}: runtime {config.runtime} "
                f"cannot be run here, only {RUNTIME}"
            )
        if config.layers:
            raise ValueError(
                f"{function_version.id.function_name}: layers cannot be run here; "
                "package what they hold with the function"
            )
        config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the code where it is: another version may be using it."""
