"""One moto for every unit test: starting it costs 100 ms, a reset 4 ms."""

from collections.abc import Iterator
from functools import cache

import pytest
from botocore import session
from moto import mock_aws
from moto.core.models import MockAWS

from sam_harness import project

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def shared_moto() -> Iterator[MockAWS]:
    """Fake AWS until the session ends; each use resets it first."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws() as moto:
            yield moto


@pytest.fixture(scope="session", autouse=True)
def shared_service_models() -> Iterator[None]:
    """Let all sessions read botocore's data once: else 50 ms for every client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_loader", cache(session.create_loader))
        yield


@pytest.fixture
def empty_aws(shared_moto: MockAWS) -> None:
    """Leave nothing of other tests in the fake AWS."""
    shared_moto.reset()


@pytest.fixture(autouse=True)
def own_project() -> Iterator[None]:
    """Let no test go on with the project, and its settings, of another."""
    before = project.current()
    yield
    if project.current() != before:
        project.work_on(before.root)
