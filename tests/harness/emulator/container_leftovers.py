"""What a run leaves that was killed between making its container and attaching to it.

A container that is attached ends with its owner; the few that were not yet, and the
logs, are removed by the next run.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from docker.errors import APIError
from testcontainers.core.docker_client import DockerClient

LABEL = "harness.owner"


def owner() -> str:
    """Return the label's value for this process."""
    return f"{platform.node()}:{os.getpid()}"


def remove(client: DockerClient, logs: Path) -> None:
    """Remove the containers and logs whose owners are gone."""
    listed = client.client.containers.list(
        all=True, filters={"label": LABEL}, ignore_removed=True
    )
    for container in listed:
        host, _, pid = container.labels[LABEL].rpartition(":")
        if host == platform.node() and not _lives(int(pid)):
            with gone_is_fine():
                container.remove(force=True, v=True)
    for log in logs.glob("*.log"):
        if not _lives(int(log.stem.partition("-")[0])):
            log.unlink(missing_ok=True)


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Ignore that a container to be removed is gone, or going by its own doing."""
    try:
        yield
    except APIError as error:
        if error.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            raise


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
