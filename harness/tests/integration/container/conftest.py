"""What the tests of the container itself start from."""

from collections.abc import Iterator
from contextlib import closing

import boto3
import pytest
from docker.models.containers import Container
from testcontainers.core.docker_client import DockerClient

from harness.tests.integration.emulator.functions import Functions, make_role
from sam_harness.emulator.emulator import Emulator
from sam_harness.emulator.engine import connect


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    """Yield a client of the Docker engine."""
    client = connect()
    with closing(client.client):
        yield client


@pytest.fixture
def container(engine: DockerClient, emulator: Emulator) -> Container:
    """Return the container that this run's LocalStack is in."""
    return engine.client.containers.get(emulator.container_id)


@pytest.fixture(scope="session")
def functions(session: boto3.Session) -> Functions:
    """Return a maker of functions."""
    return Functions(session, make_role(session))
