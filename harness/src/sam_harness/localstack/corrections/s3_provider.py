"""S3 that keeps its objects to itself, and tells of them as AWS does."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any
from urllib.parse import quote_plus

from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import NoSuchKey
from localstack.services.s3 import notifications
from localstack.services.s3.provider import S3Provider
from localstack.services.s3.storage.ephemeral import EphemeralS3ObjectStore

from sam_harness.localstack.gate.handler import check_besides


def _missed_by_who_may_list(read: Callable[..., object]) -> Callable[..., object]:
    """Tell that an object is missing to who may list the bucket; 403 to others.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """

    @wraps(read)
    def answer(provider: Any, context: RequestContext, request: Any) -> object:  # noqa: ANN401 - untyped
        try:
            return read(provider, context, request)
        except NoSuchKey:
            check_besides(context, "ListObjectsV2", {"Bucket": request["Bucket"]})
            raise

    return answer


class Provider(S3Provider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out.

    Its store by default is /tmp/localstack-s3-storage, for every LocalStack of the
    machine.
    """

    get_object = _missed_by_who_may_list(S3Provider.get_object)
    head_object = _missed_by_who_may_list(S3Provider.head_object)

    def __init__(self) -> None:
        super().__init__(EphemeralS3ObjectStore())
        # A space in a key is +, where LocalStack has %20; so filters are written.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
        notifications.quote = partial(quote_plus, safe="/")
