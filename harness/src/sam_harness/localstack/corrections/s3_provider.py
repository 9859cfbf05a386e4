"""S3 that keeps its objects to itself, and tells of them as AWS does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

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
        self._notification_dispatcher = _Dispatcher()

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


class _ToEventBridge(notifications.EventBridgeNotifier):  # type: ignore[misc] # untyped
    """Tells EventBridge of a key as it is, and of who did what.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    def _get_event_payload(self, context: Any) -> dict[str, Any]:  # noqa: ANN401 - untyped
        plain = replace(context, key_name=unquote_plus(context.key_name))
        made = super()._get_event_payload(plain)
        detail = json.loads(made["Detail"]) | {"requester": context.account_id}
        if "reason" in detail:  # that of a multipart upload has the event's whole name
            detail["reason"] = detail["reason"].rpartition(":")[2]
        return {**made, "Detail": json.dumps(detail)}


class _Dispatcher(notifications.NotificationDispatcher):  # type: ignore[misc] # untyped
    """Has + for a space in a key, where LocalStack has %20; so filters are written.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """

    notifiers = notifications.NotificationDispatcher.notifiers | {
        "EventBridgeConfiguration": _ToEventBridge()
    }

    def send_notifications(self, context: Any, told: object) -> None:  # noqa: ANN401 - untyped
        """Tell those who are configured."""
        key = quote_plus(unquote(context.key_name), safe="/")
        super().send_notifications(replace(context, key_name=key), told)


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
