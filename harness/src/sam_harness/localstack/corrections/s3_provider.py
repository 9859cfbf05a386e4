"""S3 that keeps its objects to itself, and tells of them as AWS does."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import quote_plus

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.s3 import NoSuchKey
from localstack.services.s3 import notifications
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

from sam_harness.localstack.gate.handler import check_besides


class Provider(S3Provider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out.

    Its store by default is /tmp/localstack-s3-storage, for every LocalStack of the
    machine.
    """

    def __init__(self) -> None:
        super().__init__(EphemeralS3ObjectStore())
        # A space in a key is +, where LocalStack has %20; so filters are written.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
        notifications.quote = partial(quote_plus, safe="/")

    @handler("GetObject", expand=False)  # type: ignore[untyped-decorator] # untyped
    def get_object(self, context: RequestContext, request: dict[str, Any]) -> object:
        """Read an object."""
        with _missed_by_who_may_list(context, request["Bucket"]):
            return super().get_object(context, request)

    @handler("HeadObject", expand=False)  # type: ignore[untyped-decorator] # untyped
    def head_object(self, context: RequestContext, request: dict[str, Any]) -> object:
        """Tell of an object."""
        with _missed_by_who_may_list(context, request["Bucket"]):
            return super().head_object(context, request)


@contextmanager
def _missed_by_who_may_list(context: RequestContext, bucket: str) -> Iterator[None]:
    """Tell that an object is missing to who may list the bucket; 403 to others.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    try:
        yield
    except NoSuchKey:
        check_besides(context, "ListObjectsV2", {"Bucket": bucket})
        raise
