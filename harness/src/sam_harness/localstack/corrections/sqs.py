"""SQS that asks for permission, refuses what AWS refuses, and destroys no message.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import RLock
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.connect import INTERNAL_REQUEST_PARAMS_HEADER, load_dto
from localstack.http import Request
from localstack.services.sqs import provider, query_api
from localstack.services.sqs.developer_api import SqsDeveloperApi
from localstack.services.sqs.exceptions import InvalidParameterValueException
from localstack.services.sqs.models import (
    FifoQueue,
    MessageMoveTask,
    ReceiveMessageResult,
    SqsMessage,
    SqsQueue,
    StandardQueue,
    sqs_stores,
)
from localstack.services.sqs.provider import (
    MessageMoveTaskManager,
    SqsProvider,
    resolve_queue_location,
)
from localstack.services.sqs.utils import generate_message_id
from localstack.utils.time import now
from werkzeug.datastructures import Headers

from sam_harness.iam.call import Call
from sam_harness.localstack.corrections import sqs_rules
from sam_harness.localstack.gate import caller, handler

type Untyped = Any  # LocalStack is
type Asked = dict[str, Any]
_SIGNED = "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/sqs/aws4_request"
# What a message keeps of its attributes where it is moved to.
_OF_THE_SENDER = ("SenderId", "AWSTraceHeader")
_lock = RLock()
# What the thread of a move is to do.
_moves: ContextVar[MessageMoveTask | None] = ContextVar("a move", default=None)


def install() -> None:
    """Correct LocalStack's SQS."""
    _ask_with_the_key_of_the_request()
    _show_messages_by_permission()


def _ask_with_the_key_of_the_request() -> None:
    # A request straight to a queue's URL is served ahead of the gate, by a call of
    # LocalStack's own: an administrator's, unless a header names a key.
    def try_call_sqs(request: Request, region: str) -> object:
        key = caller.access_key(request.headers, request.args)
        service = request.headers.get(INTERNAL_REQUEST_PARAMS_HEADER)
        asked = {"QueueUrl": request.base_url, **request.values}
        account = request.path.split("/")[-2]
        call = Call("sqs", asked.get("Action", ""), asked, account, region)
        if not service:
            handler.check_token(call, request)
        elif caller.is_harness(key):  # an API whose integration has no role
            handler.check(call, request, load_dto(service))
        request.headers = Headers(request.headers)
        request.headers["Authorization"] = _SIGNED.format(key=key, region=region)
        return original(request, region)

    original = query_api.try_call_sqs
    query_api.try_call_sqs = try_call_sqs


def _show_messages_by_permission() -> None:
    # LocalStack shows a queue's messages at /_aws/sqs/messages to everybody.
    def collect(
        self: SqsDeveloperApi,
        request: Request,
        region: str,
        account_id: str,
        queue_name: str,
    ) -> object:
        asked = {"QueueUrl": queue_name}
        receive = Call("sqs", "ReceiveMessage", asked, account_id, region)
        handler.check(receive, request)
        return original(self, request, region, account_id, queue_name)

    original = SqsDeveloperApi._get_and_serialize_messages  # noqa: SLF001 - no other way in
    SqsDeveloperApi._get_and_serialize_messages = collect  # noqa: SLF001 - as above


def _queue(arn: str) -> SqsQueue | None:
    match arn.split(":"):
        case ["arn", _, "sqs", region, account, name]:
            return sqs_stores[account][region].queues.get(name)
    return None


def _attributes(arn: str) -> sqs_rules.Attributes | None:
    queue = _queue(arn)
    return queue and queue.attributes


def _check_policies(queue: SqsQueue, attributes: sqs_rules.Attributes) -> None:
    fifo = isinstance(queue, FifoQueue)
    try:
        sqs_rules.check_policies(queue.arn, attributes, _attributes, fifo=fifo)
    except ValueError as error:
        raise InvalidParameterValueException(str(error)) from error


class Provider(SqsProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's own, with what it leaves out."""

    def __init__(self) -> None:
        provider.MessageMoveTaskManager = _Moves
        super().__init__()

    def create_queue(
        self, context: Untyped, queue_name: str, **rest: Untyped
    ) -> object:
        """Make a queue of ours, which LocalStack's then finds."""
        wanted = sqs_rules.counted(rest.pop("attributes", None) or {})
        tags = rest.get("tags")
        if wanted.get("Policy") == "":
            del wanted["Policy"]
        fifo = wanted.get("FifoQueue", "false").lower() == "true"
        queues = self.get_store(context.account_id, context.region).queues
        with _lock:
            made = queue_name not in queues
            if made:
                kind = _Fifo if fifo else _Standard
                queue = kind(queue_name, context.region, context.account_id, wanted)
                _check_policies(queue, wanted)
                queues[queue_name] = queue
            rest["attributes"] = wanted
            answer = super().create_queue(context, queue_name, **rest)
        if made and tags:
            self.tag_queue(context, answer["QueueUrl"], tags)
        return answer

    def set_queue_attributes(
        self, context: Untyped, queue_url: str, attributes: dict[str, str], **rest: str
    ) -> None:
        """Check the policies before any attribute is set."""
        attributes = sqs_rules.counted(attributes)
        account, region, name = resolve_queue_location(context, queue_url=queue_url)
        queue = self.get_store(account, region or context.region).queues.get(name)
        if queue:
            _check_policies(queue, attributes)
        super().set_queue_attributes(context, queue_url, attributes, **rest)

    def send_message_batch(
        self, context: object, queue_url: str, entries: list[Asked], **rest: object
    ) -> Asked:
        """Send the entries that may be sent; refuse the others."""
        send = super().send_message_batch
        return _each(
            entries,
            sqs_rules.check_message,
            lambda good: send(context, queue_url, good, **rest),
        )

    def change_message_visibility_batch(
        self, context: object, queue_url: str, entries: list[Asked], **rest: object
    ) -> Asked:
        """Hide what may be hidden for so long; refuse the others."""
        change = super().change_message_visibility_batch
        return _each(
            entries,
            sqs_rules.check_hidden,
            lambda good: change(context, queue_url, good, **rest),
        )


def _each(
    entries: list[Asked],
    check: Callable[[Asked], None],
    act: Callable[[list[Asked]], Asked],
) -> Asked:
    """Act on a batch without the entries that a check refuses, which fail alone."""
    refused = {}
    for entry in entries or ():
        try:
            check(entry)
        except ValueError as error:
            refused[entry["Id"]] = {
                "Id": entry["Id"],
                "SenderFault": True,
                "Code": "InvalidParameterValue",
                "Message": str(error),
            }
    good = [entry for entry in entries or () if entry["Id"] not in refused]
    answer: Asked = {"Successful": None, "Failed": None}
    if good or not refused:
        answer = act(good)
    failed = [*(answer["Failed"] or ()), *refused.values()]
    return answer | {"Failed": failed or None}


class _Kept(SqsQueue):  # type: ignore[misc] # untyped
    @property
    def max_receive_count(self) -> int | None:
        # LocalStack drops a message whose dead-letter queue is gone, or that a move
        # receives from a queue that has such a queue itself.
        policy = None if _moves.get() else self.redrive_policy
        if policy and _queue(policy["deadLetterTargetArn"]):
            return int(policy["maxReceiveCount"])
        return None

    def receive(self, *asked: Untyped, **rest: Untyped) -> ReceiveMessageResult:
        """Fail a move back to where messages came from, where one came from nowhere."""
        received, task = super().receive(*asked, **rest), _moves.get()
        if task and not task.destination_arn:
            for message in received.successful:
                if not message.dead_letter_queue_source_arn:
                    raise CommonServiceException("CouldNotDetermineMessageSource", "")
        return received

    def put(self, message: Asked, **rest: Untyped) -> SqsMessage:
        """Put a message; one that is moved is a new one where it arrives.

        AWS says: with another id and time, and its retention begins anew. So is the
        count.
        """
        is_dead = "DeadLetterQueueSourceArn" in message["Attributes"]
        if _moves.get():
            own, number = message["Attributes"], generate_message_id()
            kept = {name: own[name] for name in _OF_THE_SENDER if name in own}
            kept["SentTimestamp"] = str(now(millis=True))
            message = message | {"MessageId": number, "Attributes": kept}
        if isinstance(self, FifoQueue) and (is_dead or _moves.get()):
            # Else one whose deduplication id was there lately would be dropped.
            rest["message_deduplication_id"] = message["MessageId"]
        return super().put(message, **rest)


class _Standard(_Kept, StandardQueue):  # type: ignore[misc] # untyped
    pass


class _Fifo(_Kept, FifoQueue):  # type: ignore[misc] # untyped
    pass


class _Moves(MessageMoveTaskManager):  # type: ignore[misc] # untyped
    """LocalStack's, whose threads are known to be those of moves."""

    def __init__(self, *stores: object) -> None:
        super().__init__(*stores)
        self.executor = _Moving(100, "sqs-move-message")


class _Moving(ThreadPoolExecutor):
    def submit(self, run: Untyped, /, *told: Untyped, **rest: Untyped) -> Untyped:
        """Move what a task says."""

        def move(task: MessageMoveTask) -> None:
            _moves.set(task)
            run(task)

        return super().submit(move, *told, **rest)
