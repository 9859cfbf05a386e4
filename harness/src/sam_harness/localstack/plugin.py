"""What LocalStack finds by name: the entry points of harness/pyproject.toml.

LocalStack imports this module to learn which plugins there are, long before it loads
one, so each imports what it is made of when it is loaded.
"""

# ruff: noqa: PLC0415 - each imports what it is made of when it is loaded

from localstack.runtime import hooks
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider


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
    gate.install()
    refusals.install()  # after the gate: who may not is not told more
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


@aws_provider(api="dynamodb", name="moto")  # type: ignore[untyped-decorator] # untyped
def dynamodb_moto() -> Service:
    """PROVIDER_OVERRIDE_DYNAMODB=moto: without DynamoDB Local, which is a download."""
    from localstack.aws.api.dynamodb import DynamodbApi

    from sam_harness.localstack.corrections.dynamodb.provider import dispatcher

    # It implements nothing: the dispatcher passes every operation to moto.
    return Service.for_provider(DynamodbApi(), dispatch_table_factory=dispatcher)


@aws_provider(api="s3", name="own")  # type: ignore[untyped-decorator] # untyped
def s3_own() -> Service:
    """PROVIDER_OVERRIDE_S3=own: the default one shares its objects, refuses less."""
    from sam_harness.localstack.corrections.s3_provider import Provider

    return Service.for_provider(Provider())


@aws_provider(api="sqs", name="own")  # type: ignore[untyped-decorator] # untyped
def sqs_own() -> Service:
    """PROVIDER_OVERRIDE_SQS=own: the default one lets messages get lost."""
    from sam_harness.localstack.corrections.sqs import Provider

    return Service.for_provider(Provider())


@aws_provider(api="lambda", name="own")  # type: ignore[untyped-decorator] # untyped
def lambda_own() -> Service:
    """PROVIDER_OVERRIDE_LAMBDA=own: the default one refuses less than AWS."""
    from sam_harness.localstack.corrections.lambda_provider import Provider

    return Service.for_provider(Provider())


@aws_provider(api="dynamodbstreams", name="moto")  # type: ignore[untyped-decorator] # as above
def dynamodbstreams_moto() -> Service:
    """PROVIDER_OVERRIDE_DYNAMODBSTREAMS=moto: the streams of moto's tables."""
    from localstack.services.moto import MotoFallbackDispatcher

    from sam_harness.localstack.corrections.dynamodb.streams import Provider

    return Service.for_provider(
        Provider(), dispatch_table_factory=MotoFallbackDispatcher
    )


@aws_provider(api="logs", name="own")  # type: ignore[untyped-decorator] # untyped
def logs_own() -> Service:
    """PROVIDER_OVERRIDE_LOGS=own: the default one grows with every line."""
    from localstack.services.moto import MotoFallbackDispatcher

    from sam_harness.localstack.corrections.logs import Provider

    return Service.for_provider(
        Provider(), dispatch_table_factory=MotoFallbackDispatcher
    )


@aws_provider(api="cloudwatch", name="own")  # type: ignore[untyped-decorator] # untyped
def cloudwatch_own() -> Service:
    """PROVIDER_OVERRIDE_CLOUDWATCH=own: the default one judges new alarms at once."""
    from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider

    from sam_harness.localstack import speed

    provider = CloudwatchProvider()
    speed.judge_alarms_later(provider.alarm_scheduler.scheduler)
    return Service.for_provider(provider)
