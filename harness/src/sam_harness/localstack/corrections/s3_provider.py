"""S3 that keeps its objects to itself, and tells who may list that one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.s3 import NoSuchKey
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
