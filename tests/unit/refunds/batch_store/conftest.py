"""A table that answers what a test says; shapes as AWS documents them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from refunds.batch_store import BatchStore
from unit.refunds.batch_store.answers import TABLE


@pytest.fixture(scope="module")
def client() -> Any:  # noqa: ANN401 - the stubber wants botocore's own base class
    """Return a client that reaches nothing."""
    return Session().create_client("dynamodb", region_name="us-east-1")


@pytest.fixture
def dynamodb(client: Any) -> Iterator[Stubber]:  # noqa: ANN401
    """Return the stub; a test fails when an answer of it was not asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> BatchStore:  # noqa: ANN401
    """Return the store that the stub answers."""
    return BatchStore(client, TABLE)
