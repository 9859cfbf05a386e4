"""DynamoDB Streams of moto's tables, where moto differs from AWS.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
"""

from base64 import b64decode
from typing import Any

from localstack.aws.api.dynamodbstreams import (
    DynamodbstreamsApi,
    ExpiredIteratorException,
    ResourceNotFoundException,
)
from localstack.services.moto import MotoFallbackDispatcher, call_moto
from moto.dynamodbstreams.models import DynamoDBStreamsBackend, dynamodbstreams_backends

from sam_harness.localstack.corrections.dynamodb.moto_backend import alone

dispatcher = MotoFallbackDispatcher  # moto answers the rest
# A mapping looks several times a second, each time with a new iterator.
_MOST_ITERATORS = 1000
_IMAGES = {"Keys", "OldImage", "NewImage"}


class Provider(DynamodbstreamsApi):  # type: ignore[misc] # LocalStack is untyped
    """Answers what moto cannot; it answers what is not defined here."""

    @alone
    def describe_stream(self, context: Any, stream_arn: str, **_rest: object) -> object:  # noqa: ANN401 - untyped
        """Ask moto, about a stream that is there."""
        streams = _backend(context).list_streams()
        if stream_arn not in {one["StreamArn"] for one in streams}:
            raise ResourceNotFoundException(
                f"Requested resource not found: Stream: {stream_arn} not found"
            )
        return call_moto(context)

    get_shard_iterator = describe_stream

    @alone
    def get_records(self, context: Any, shard_iterator: str, **_rest: object) -> object:  # noqa: ANN401 - untyped
        """Return what has changed, as it was written.

        moto also has what has not changed, empty images, and encodes octets twice; an
        iterator is of a table that a failed transaction has put a copy in place of.
        """
        iterators = _backend(context).shard_iterators
        while len(iterators) > _MOST_ITERATORS:
            del iterators[next(iter(iterators))]
        if shard_iterator not in iterators:
            raise ExpiredIteratorException("Shard iterator has expired")
        iterator = iterators[shard_iterator]
        old = iterator.stream_shard.table
        table = _backend(context).dynamodb.tables.get(old.name)
        if (
            table
            and table is not old
            and table.stream_shard
            and table.latest_stream_label == old.latest_stream_label
        ):
            iterator.stream_shard = table.stream_shard
        answer = call_moto(context)
        answer["Records"] = [
            one for one in answer["Records"] if _has_changed(one["dynamodb"])
        ]
        for one in answer["Records"]:
            for name in _IMAGES & one["dynamodb"].keys():
                one["dynamodb"][name] = _decoded({"M": one["dynamodb"][name]})["M"]
        return answer


def _decoded(value: dict[str, Any]) -> dict[str, Any]:
    match value:
        case {"B": held}:
            return {"B": b64decode(held)}
        case {"BS": held}:
            return {"BS": [b64decode(one) for one in held]}
        case {"L": held}:
            return {"L": [_decoded(one) for one in held]}
        case {"M": held}:
            return {"M": {name: _decoded(one) for name, one in held.items()}}
    return value


def _has_changed(record: dict[str, Any]) -> bool:
    images = [record.get(name) for name in ("OldImage", "NewImage")]
    for name in ("OldImage", "NewImage"):
        if record.get(name) == {}:
            del record[name]
    return None in images or images[0] != images[1]


def _backend(context: Any) -> DynamoDBStreamsBackend:  # noqa: ANN401 - untyped
    return dynamodbstreams_backends[context.account_id][context.region]
