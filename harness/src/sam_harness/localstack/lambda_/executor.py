"""Runs Lambda functions as processes, with the Lambda runtime's libraries.

LocalStack makes one executor per execution environment and calls it from its own
threads; an environment serves one invocation at a time.
"""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir
from threading import Lock, Thread

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InvocationResult,
    LayerVersion,
    S3Code,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from sam_harness.localstack.lambda_ import endings, files
from sam_harness.localstack.lambda_.instance import FunctionInstance
from sam_harness.localstack.lambda_.process import FunctionSpec, environment_of
from sam_harness.localstack.lambda_.runtime_api import INITIALISE, Call

LOG = logging.getLogger(__name__)
_unpacking = Lock()


class ProcessExecutor(RuntimeExecutor):  # type: ignore[misc] # LocalStack is untyped
    """One execution environment of one function version."""

    client_context: str | None = None

    def start(self, env_vars: dict[str, object]) -> None:
        """Start the process; its initialisation is awaited by the first invocation."""
        config = self.function_version.config
        python = Path(files.pythons()[config.runtime])
        seen = files.of(
            python,
            _place(config.code),
            _laid(config.layers) if config.layers else None,
            config.ephemeral_storage.size,
        )
        environment = environment_of(
            env_vars, config.environment or {}, code=seen.code, runtime=config.runtime
        )
        if seen.layers:
            environment |= files.variables(seen.layers, config.runtime, environment)
        self._instance = FunctionInstance(
            python,
            FunctionSpec(
                handler=config.handler,
                files=seen,
                runtime=config.runtime,
                environment=environment,
                timeout_s=config.timeout,
                memory_mb=config.memory_size,
                version=self.function_version.id.qualifier,
                is_traced=config.tracing_config_mode == "Active",
            ),
        )
        self._instance.start()
        # While the process starts: neither waits for the other.
        self._log_stream = Thread(target=_create_log_stream, args=[environment])
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
        only_starts = call.client_context == INITIALISE
        run = self._instance.initialise if only_starts else self._instance.invoke
        result = run(call)
        log, logging_config = result.log, self.function_version.config.logging_config
        if logging_config.get("LogFormat") == "JSON":
            level = logging_config.get("ApplicationLogLevel") or "INFO"
            log = endings.as_json(log, level)
        self._log_stream.join()  # LocalStack writes the log next
        return InvocationResult(
            payload["invoke-id"], result.payload, result.is_error, log
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
        config, name = function_version.config, function_version.id.function_name
        if config.runtime not in files.pythons():
            raise ValueError(
                f"{name}: runtime {config.runtime} cannot be run here, only "
                f"{', '.join(files.pythons())}"
            )
        for layer in config.layers:
            _unpack(layer.code)
            if (_place(layer.code) / "extensions").is_dir():
                raise ValueError(
                    f"{name}: layer {layer.layer_version_arn}: it holds extensions, "
                    "processes of their own: they cannot be run here"
                )
        _unpack(config.code)
        for code in (config.code, *(layer.code for layer in config.layers)):
            if why := files.calls_aws(_place(code)):
                raise ValueError(f"{name}: {why}")

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the code where it is: another version may be using it."""


def _place(code: S3Code) -> Path:
    """Return where the code of a function or a layer is: equal code in one place."""
    return Path(gettempdir(), "lambda", "unpacked", code.code_sha256.replace("/", "_"))


def _unpack(code: S3Code) -> None:
    # LocalStack unpacks the code of each function anew, half a second of a deployment,
    # and keeps it as long as there is a version of it.
    if code.is_hot_reloading():  # a bucket's name is the sign: this is no code of it
        raise ValueError("code in a bucket of that name is LocalStack's own: a folder")
    with _unpacking:
        if not (place := _place(code)).exists():
            code.prepare_for_execution()
            place.parent.mkdir(exist_ok=True)
            Path(code.get_unzipped_code_location()).rename(place)


def _laid(versions: list[LayerVersion]) -> Path:
    """Return the directory that holds these layers."""
    content = "-".join(version.code.code_sha256 for version in versions)
    places = [_place(version.code) for version in versions]
    return files.lay(places, hashlib.sha256(content.encode()).hexdigest())


def _create_log_stream(environment: Mapping[str, str]) -> None:
    """Create the stream that ``environment``, a function's, names; log a denial.

    As Lambda does: by the function's role. LocalStack would create it at the first
    write, after an attempt at the log *group* that a role with the permissions it
    needs, and no more, may not make.
    """
    logs = connect_to(
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    ).logs
    group = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
    stream = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
    try:
        try:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        except logs.exceptions.ResourceNotFoundException:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
    except ClientError as error:
        LOG.warning("no log stream in %s: %s", group, error)
