"""What LocalStack's plugin loader finds by name.

LocalStack imports this module to learn which plugins there are, also where it will load
none of them: each imports what it is made of when it is loaded.
"""

# ruff: noqa: PLC0415 - each imports what it is made of when it is loaded

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import Service, aws_provider


class ProcessExecutorPlugin(RuntimeExecutorPlugin):  # type: ignore[misc] # untyped
    """LAMBDA_RUNTIME_EXECUTOR=process."""

    name = "process"

    def load(self, *_args: object, **_kwargs: object) -> type:
        """Return the executor's class."""
        from harness.localstack_plugin.process_executor import ProcessExecutor

        return ProcessExecutor


@aws_provider(api="dynamodb", name="moto")  # type: ignore[untyped-decorator] # untyped
def dynamodb_moto() -> Service:
    """PROVIDER_OVERRIDE_DYNAMODB=moto: without DynamoDB Local, which is a download."""
    from localstack.services.moto import MotoFallbackDispatcher

    from harness.localstack_plugin.dynamodb import MotoDynamoDb

    return Service.for_provider(
        MotoDynamoDb(), dispatch_table_factory=MotoFallbackDispatcher
    )


@aws_provider(api="s3", name="own")  # type: ignore[untyped-decorator] # untyped
def s3_own() -> Service:
    """PROVIDER_OVERRIDE_S3=own: the default one keeps its objects in one directory.

    That directory is /tmp/localstack-s3-storage, for every LocalStack of the machine.
    """
    from localstack.services.s3.provider import S3Provider
    from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

    return Service.for_provider(S3Provider(EphemeralS3ObjectStore()))
