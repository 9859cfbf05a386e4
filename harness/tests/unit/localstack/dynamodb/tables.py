"""Tables of moto's, as the tests of the corrected DynamoDB have them."""

from typing import Any
from uuid import uuid4

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table as MotoTable

type Table = tuple[DynamoDBBackend, str]


def create(
    backend: DynamoDBBackend, streams: dict[str, Any] | None = None
) -> MotoTable:
    """Make an empty table with the key PK."""
    return backend.create_table(
        f"t-{uuid4().hex}",
        schema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "PK", "AttributeType": "S"}],
        global_indexes=[],
        indexes=[],
        streams=streams,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )


def add_index(table: Table, key: str, of_type: str) -> None:
    """Add the global index ``gix``, which has no more than the keys."""
    backend, name = table
    types = {"PK": "S", key: of_type}
    index = {
        "IndexName": "gix",
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    backend.update_table(
        name,
        attr_definitions=[
            {"AttributeName": one, "AttributeType": kind} for one, kind in types.items()
        ],
        global_index=[{"Create": index}],
        throughput={},
        billing_mode="PAY_PER_REQUEST",
        stream_spec={},
        deletion_protection_enabled=None,
        warm_throughput=None,
    )
