"""A stream is there while its table is written to, and has what is kept of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, RLock, current_thread, main_thread
from types import TracebackType
from typing import Any

import pytest
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodbstreams.models import (
    DynamoDBStreamsBackend,
    dynamodbstreams_backends,
)

from harness.tests.unit.localstack.dynamodb.tables import create
from sam_harness.localstack.corrections.dynamodb import moto_backend

ACCOUNT, REGION = "123456789012", "us-east-1"
SHARD = "shardId-00000001541626099285-f35f62ef"  # moto knows no other


@pytest.fixture
def stream() -> Iterator[tuple[DynamoDBBackend, DynamoDBStreamsBackend, str]]:
    """Return both backends, and the ARN of the stream of an empty table."""
    moto_backend.install()
    backend = dynamodb_backends[ACCOUNT][REGION]
    images = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    table = create(backend, images)
    yield (
        backend,
        dynamodbstreams_backends[ACCOUNT][REGION],
        f"{table.table_arn}/stream/{table.latest_stream_label}",
    )
    backend.delete_table(table.name)


class Watched:
    """A lock that tells when another thread wants it."""

    def __init__(self, wanted: Event) -> None:
        """Keep what is set then."""
        self._lock, self._wanted = RLock(), wanted

    def __enter__(self) -> None:
        """Tell, and wait."""
        if current_thread() is not main_thread():
            self._wanted.set()
        self._lock.acquire()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let others have it."""
        self._lock.release()


def update(
    stream: tuple[DynamoDBBackend, DynamoDBStreamsBackend, str],
    meanwhile: Callable[[], object],
) -> None:
    """Make an item by an update, and do something while that is under way."""
    backend, _, arn = stream

    class Names(dict[str, str]):
        """What the update looks at when it has made the item, without attributes."""

        def __getitem__(self, name: str) -> str:
            meanwhile()
            return super().__getitem__(name)

    backend.update_item(
        table_name=arn.split("/")[1],
        key={"PK": {"S": "made"}},
        update_expression="SET #n = :one",
        expression_attribute_names=Names({"#n": "n"}),
        expression_attribute_values={":one": {"N": "1"}},
    )


def test_a_stream_is_there_while_an_item_of_its_table_is_updated(
    stream: tuple[DynamoDBBackend, DynamoDBStreamsBackend, str],
) -> None:
    """It can be described, and read from."""
    _, streams, arn = stream
    seen = []

    def look() -> None:
        seen.append(streams.describe_stream(arn)["Shards"][0]["ShardId"])
        streams.get_shard_iterator(arn, SHARD, "LATEST")

    update(stream, look)

    assert {*seen} == {SHARD}


def test_a_reader_of_a_stream_sees_an_update_when_it_is_made(
    stream: tuple[DynamoDBBackend, DynamoDBStreamsBackend, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not the item that moto makes before it updates it."""
    _, streams, arn = stream
    waits_or_has_read = Event()
    monkeypatch.setattr(moto_backend, "_lock", Watched(waits_or_has_read))
    begin = streams.get_shard_iterator(arn, SHARD, "TRIM_HORIZON").arn
    reads: list[Future[dict[str, Any]]] = []

    with ThreadPoolExecutor(1) as reader:

        def read() -> None:
            one = reader.submit(moto_backend.alone(streams.get_records), begin, 10)
            one.add_done_callback(lambda _: waits_or_has_read.set())
            assert waits_or_has_read.wait(30)
            reads.append(one)

        update(stream, read)

    images = [
        [record["dynamodb"]["NewImage"] for record in one.result()["Records"]]
        for one in reads
    ]
    assert images == [[{"PK": {"S": "made"}, "n": {"N": "1"}}]] * len(reads)
    assert reads
