"""A table that answers what a test says; shapes as AWS documents them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from refunds.adapters import batch_store
from refunds.adapters.batch_store import BatchStore
from unit.refunds.adapters.batch_store.answers import TABLE

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="session")
def client() -> "DynamoDBClient":
    """Return a client that reaches nothing."""
    client = Session().create_client("dynamodb", region_name="us-east-1")
    return cast("DynamoDBClient", client)


@pytest.fixture
def dynamodb(client: "DynamoDBClient") -> Iterator[Stubber]:
    """Return the stub; a test fails when an answer of it was not asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch) -> BatchStore:
    """Return the store that the stub answers, without pauses between attempts."""
    monkeypatch.setattr(batch_store, "_PAUSES_S", (0, 0))
    return BatchStore(client, TABLE)
