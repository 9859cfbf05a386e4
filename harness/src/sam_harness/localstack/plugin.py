"""What LocalStack finds by name: the entry points of harness/pyproject.toml.

LocalStack imports this module to learn which plugins there are, long before it loads
one, so each imports what it is made of when it is loaded.
"""

# ruff: noqa: PLC0415 - each imports what it is made of when it is loaded

from importlib import import_module

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider
from plux import PluginSpec


@hooks.on_infra_start()  # type: ignore[untyped-decorator] # LocalStack is untyped
def start() -> None:
    """Install every piece that is not found by name, before LocalStack serves.

    A piece that raises stops LocalStack; one that cannot be imported leaves no health
    route, and the emulator refuses to go on.
    """
    from sam_harness.localstack import routes, speed
    from sam_harness.localstack.corrections import (
        cloudformation_role,
        refusals,
        runtime,
    )
    from sam_harness.localstack.gate import handler as gate

    speed.install()
    runtime.install()
    refusals.install(refusals.form)  # what is no request needs no permission
    gate.install()
    refusals.install(refusals.content)  # after the gate: who may not is not told more
    cloudformation_role.notice()
    routes.install()


@hooks.on_infra_ready()  # type: ignore[untyped-decorator] # as above
def ready() -> None:
    """Collect garbage and load services, now that LocalStack serves."""
    from sam_harness.localstack import routes, speed

    speed.collect_garbage()
    routes.load_early()


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc] # untyped
    """LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type:
        """Return the executor's class."""
        from sam_harness.localstack.lambda_.executor import ProcessExecutor

        return ProcessExecutor


def _provided(service: str, name: str, module: str) -> PluginSpec:
    """Return the plugin of a provider, ``PROVIDER_OVERRIDE_<service>=<name>``.

    ``module`` has its class, Provider, and dispatcher where others answer for it, too.
    """

    @aws_provider(api=service, name=name)  # type: ignore[untyped-decorator] # untyped
    def load() -> Service:
        room = import_module(f"sam_harness.localstack.corrections.{module}")
        answering = getattr(room, "dispatcher", None)
        return Service.for_provider(room.Provider(), dispatch_table_factory=answering)

    return load


# LocalStack's own needs DynamoDB Local, which is a download.
dynamodb_moto = _provided("dynamodb", "moto", "dynamodb.provider")
dynamodbstreams_moto = _provided("dynamodbstreams", "moto", "dynamodb.streams")
# LocalStack's own refuses less than AWS.
lambda_own = _provided("lambda", "own", "lambda_provider")
# LocalStack's own grows with every line.
logs_own = _provided("logs", "own", "logs")
# LocalStack's own shares its objects, and refuses less.
s3_own = _provided("s3", "own", "s3_provider")
# LocalStack's own lets messages get lost.
sqs_own = _provided("sqs", "own", "sqs")


@aws_provider(api="cloudwatch", name="own")  # type: ignore[untyped-decorator] # untyped
def cloudwatch_own() -> Service:
    """PROVIDER_OVERRIDE_CLOUDWATCH=own: the default one judges new alarms at once."""
    from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider

    from sam_harness.localstack import speed

    provider = CloudwatchProvider()
    speed.judge_alarms_later(provider.alarm_scheduler.scheduler)
    return Service.for_provider(provider)
