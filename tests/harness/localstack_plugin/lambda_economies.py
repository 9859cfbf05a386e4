"""What LocalStack's Lambda does for every version of a function, used or not.

Each version would get a queue for asynchronous calls, a thread that asks it for some
all the time, and a client that writes logs; all before it counts as active, one version
after the other. Here they come with the first call that needs them. And whoever asks
for a function would wait for a new client of S3, 50 ms.
"""

from functools import cache
from types import SimpleNamespace

import boto3
from localstack.services.lambda_.invocation import lambda_models
from localstack.services.lambda_.invocation.event_manager import LambdaEventManager
from localstack.services.lambda_.invocation.logs import LogHandler


def install() -> None:
    """Save it."""
    _queue_at_the_first_event()
    _subscribe_at_the_first_log()
    # Used for nothing but the URL of a function's code: same account, same endpoint.
    lambda_models.boto3 = SimpleNamespace(client=cache(boto3.client))


def _queue_at_the_first_event() -> None:
    # Functions whose queue may hold events; a new version of one takes them over.
    used: set[str] = set()

    def start(self: LambdaEventManager) -> None:
        if self.version_manager.function_arn in used:
            original_start(self)

    def enqueue_event(self: LambdaEventManager, invocation: object) -> None:
        with self.lifecycle_lock:
            used.add(self.version_manager.function_arn)
            if self.event_queue_url is None:
                original_start(self)
        original_enqueue(self, invocation)

    original_start = LambdaEventManager.start
    original_enqueue = LambdaEventManager.enqueue_event
    LambdaEventManager.start = start
    LambdaEventManager.enqueue_event = enqueue_event


def _subscribe_at_the_first_log() -> None:
    def start_subscriber(_self: LogHandler) -> None:
        return

    def add_logs(self: LogHandler, log_item: object) -> None:
        # Taken by whoever is first; an item that comes while it starts is queued.
        if self.__dict__.setdefault("_subscriber", log_item) is log_item:
            original_start(self)
        original_add(self, log_item)

    original_start = LogHandler.start_subscriber
    original_add = LogHandler.add_logs
    LogHandler.start_subscriber = start_subscriber
    LogHandler.add_logs = add_logs
