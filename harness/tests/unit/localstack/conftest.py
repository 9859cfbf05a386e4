"""What the tests of the corrected DynamoDB work on."""

from uuid import uuid4

import pytest
from moto.dynamodb.models import DynamoDBBackend

from sam_harness.localstack.corrections import dynamodb


@pytest.fixture
def table() -> tuple[DynamoDBBackend, str]:
    """Return a backend, and the name of an empty table in it, with the key PK."""
    dynamodb.install()
    backend, name = DynamoDBBackend("us-east-1", "123456789012"), f"t-{uuid4().hex}"
    backend.create_table(
        name,
        schema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "PK", "AttributeType": "S"}],
        global_indexes=[],
        indexes=[],
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    return backend, name
