"""Where LocalStack's Lambda differs from AWS's; its API: `lambda_provider`."""

import json
import math
import time
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from functools import partial
from typing import Any

from localstack.services.lambda_.event_source_mapping import esm_worker_factory
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    EmptyPollResultsException,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
)
from localstack.services.lambda_.invocation.event_manager import Poller, get_sqs_client
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
)
from localstack.services.lambda_.invocation.lambda_models import (
    Invocation,
    InvocationResult,
)
from localstack.services.sqs.models import StandardQueue, sqs_stores
from localstack.utils.threads import TMP_THREADS, FuncThread

from sam_harness.localstack.corrections import events_patterns

type Untyped = Any  # LocalStack is

# An empty queue is asked all the same: a mapping that may not is to say so.
ASK_EVERY_S = 1.0
_WAIT_S = 2
# On top of the function's timeout: a message that is handled stays hidden for so long.
_MARGIN_S = 60


def install() -> None:
    """Correct LocalStack's Lambda."""
    _pass_client_context()
    _log_where_configured()
    _handle_events_after_an_update()
    esm_worker_factory.SqsPoller = _Poller


def _pass_client_context() -> None:
    # LocalStack stores the client context but passes it to no executor.
    def invoke(self: ExecutionEnvironment, invocation: Invocation) -> InvocationResult:
        encoded = invocation.client_context
        self.runtime_executor.client_context = encoded and b64decode(encoded).decode()
        forget_ended_threads()
        return original(self, invocation)

    original = ExecutionEnvironment.invoke
    ExecutionEnvironment.invoke = invoke


def forget_ended_threads() -> None:
    """Let go of what LocalStack wants to stop at its end, but has ended.

    A thread of each invocation is among it; what the system keeps of one until then is
    its stack: some 50 KB.
    """
    for thread in list(TMP_THREADS):
        if isinstance(thread, FuncThread) and not thread.is_alive():
            with suppress(ValueError):  # another invocation was faster
                TMP_THREADS.remove(thread)


def _log_where_configured() -> None:
    # LocalStack stores LoggingConfig.LogGroup but logs to the default group.
    def get_log_group_name(self: ExecutionEnvironment) -> str:
        configured = self.function_version.config.logging_config.get("LogGroup")
        return str(configured or original(self))

    original = ExecutionEnvironment.get_log_group_name
    ExecutionEnvironment.get_log_group_name = get_log_group_name


def _handle_events_after_an_update() -> None:
    # After an update the poller of the version before waits for up to two seconds more.
    # LocalStack drops the event that it gets meanwhile; the next look at it is a minute
    # later.
    def run(self: Poller, *_arguments: object) -> None:
        version = self.version_manager.function_version
        queue = get_sqs_client(version)
        while not self._shutdown_event.is_set():
            try:
                received = queue.receive_message(
                    QueueUrl=self.event_queue_url,
                    WaitTimeSeconds=_WAIT_S,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=version.config.timeout + _MARGIN_S,
                )
            except ValueError:  # the function and its queue are deleted
                return
            for message in received["Messages"] or ():
                _handle(self, message)

    Poller.run = run


def _bury(send: Any, event: object, answer: Mapping[str, str] | None) -> None:  # noqa: ANN401 - untyped
    # LocalStack loses an event that fails without a message, as by ValueError().
    told = answer or {}
    said = told.get("errorMessage") or told.get("errorType") or "no message"
    send(event, {"errorMessage": said})


def _handle(poller: Poller, message: Mapping[str, str]) -> None:
    handle = _as_invoked(poller, message["Body"]).handle_message
    try:
        poller.invoker_pool.submit(handle, message)
    except RuntimeError:  # stopped meanwhile; handled, the event is the new version's
        handle(message)


def _as_invoked(poller: Poller, event: str) -> Poller:
    """Return one that has the alias's settings for those of its version, and now's.

    LocalStack asks the version behind an alias how often to retry, and where to, and
    what was before an update where to send what has failed.
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """
    own = poller.version_manager.function_version.id.qualifier
    alias = "".join(json.loads(event)["invoked_arn"].split(":")[7:])
    told = copy(poller)
    told.process_dead_letter_queue = partial(_bury, told.process_dead_letter_queue)
    told.version_manager = manager = copy(poller.version_manager)
    manager.function = function = copy(manager.function)
    manager.function_version = function.versions.get(own, manager.function_version)
    if alias not in {"", own}:
        configured = function.event_invoke_configs
        function.event_invoke_configs = {own: configured.get(alias)}
    return told


class _Poller(SqsPoller):  # type: ignore[misc] # untyped
    """LocalStack's, that asks when there is something, and hands on what was sent.

    LocalStack asks every mapping's queue for messages several times a second, and each
    time costs it several milliseconds, gate included. And it asks no more for about a
    second once a queue that held messages is empty. AWS's pollers wait:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """

    def poll_events(self) -> None:
        """Ask a queue, where that may bring a batch."""
        queue = _standard_queue(self.source_arn)
        if queue is None:
            super().poll_events()
            return
        now = time.monotonic()
        window = self.sqs_queue_parameters.get("MaximumBatchingWindowInSeconds", 0)
        if _waits(self, queue, now, window):
            return
        # Asked in vain, it could be given the first message of a batch, and only that.
        self.harness_asks_at = math.inf if window else now + ASK_EVERY_S
        self.harness_gathers_from = None
        # LocalStack would wait that long in the queue, and return with one message.
        self.maximum_batching_window = 0
        with suppress(EmptyPollResultsException):  # LocalStack would back off
            super().poll_events()

    def filter_events(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Drop also what is no JSON where a filter looks into it, and the reverse.

        https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
        """
        asked = self.filter_patterns
        return [
            event
            for event in events
            if not asked
            or any(
                _is_read(one, event) and events_patterns.matches(one, event)
                for one in asked
            )
        ]

    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        """Keep the texts: to filter, LocalStack reads them, and writes them anew."""
        self.harness_sent = {one["MessageId"]: one["Body"] for one in messages}
        super().handle_messages(messages)

    def add_source_metadata(
        self, events: list[dict[str, Any]], *more: object
    ) -> object:
        """Give the events that are left their texts back."""
        for event in events:
            event["body"] = self.harness_sent[event["messageId"]]
        return super().add_source_metadata(events, *more)


def _is_read(asked: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Tell whether a body is JSON where a filter looks into it, and else a text."""
    is_json = isinstance(event["body"], dict | list)
    return "body" not in asked or isinstance(asked["body"], dict) == is_json


def _waits(poller: SqsPoller, queue: StandardQueue, now: float, window: float) -> bool:
    """Tell whether there is nothing to ask for yet: no message, or no whole batch.

    A batch is gathered for ``window`` seconds at most. Meanwhile Lambda's pollers hold
    its messages; here they stay in the queue.
    """
    # https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
    if not (there := queue.visible.qsize()):
        return now < float(getattr(poller, "harness_asks_at", 0))
    since = getattr(poller, "harness_gathers_from", None) or now
    poller.harness_gathers_from = since
    return there < poller.batch_size and now < since + window


def _standard_queue(arn: str) -> StandardQueue | None:
    """Return a queue as LocalStack keeps it; None: it is FIFO, or not there."""
    region, account, name = arn.split(":")[3:]
    queue = sqs_stores[account][region].queues.get(name)
    return queue if isinstance(queue, StandardQueue) else None
