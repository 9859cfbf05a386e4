"""What the tests of the corrected DynamoDB work on."""

import pytest
from moto.dynamodb.models import DynamoDBBackend

from harness.tests.unit.localstack.dynamodb.tables import Table, create
from sam_harness.localstack.corrections.dynamodb import moto_backend


@pytest.fixture
def table() -> Table:
    """Return a backend, and the name of an empty table in it, with the key PK."""
    moto_backend.install()
    backend = DynamoDBBackend("us-east-1", "123456789012")
    return backend, create(backend).name
