"""S3 that keeps its objects to itself, and refuses notifications that AWS refuses."""

from typing import Any

from localstack.aws.api.s3 import Event, InvalidArgument
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

from sam_harness.localstack.corrections import s3_rules


class Provider(S3Provider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out.

    Its store by default is /tmp/localstack-s3-storage, for every LocalStack of the
    machine.
    """

    def __init__(self) -> None:
        super().__init__(EphemeralS3ObjectStore())

    def put_bucket_notification_configuration(
        self,
        context: object,
        bucket: str,
        notification_configuration: dict[str, Any],
        **rest: object,
    ) -> None:
        """Check what is to be told to whom."""
        try:
            s3_rules.check_notifications(notification_configuration, set(Event))
        except ValueError as error:
            raise InvalidArgument(str(error)) from error
        super().put_bucket_notification_configuration(
            context, bucket, notification_configuration, **rest
        )
