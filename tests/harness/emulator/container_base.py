"""The base of the emulator's image: any Linux with glibc and Python 3.13."""

import os
from collections.abc import Callable

from docker.errors import DockerException, ImageNotFound
from testcontainers.core.docker_client import DockerClient

from harness.errors import HarnessError

VARIABLE = "EMULATOR_BASE_IMAGE"
OFFICIAL = "python:3.13-slim"
# Made by .ci/docker-engine where no registry answers.
STAND_IN = "harness-base:debian-13"


def wanted() -> str:
    """Return the base that the environment asks for; empty: any will do."""
    return os.environ.get(VARIABLE, "")


def find(client: DockerClient, on_progress: Callable[[str], None]) -> str:
    """Return the name of a base that the engine has; pulls one when it has none.

    Raises:
        HarnessError: there is none, and none can be pulled; says what to do.

    """
    candidates = [wanted()] if wanted() else [OFFICIAL, STAND_IN]
    for name in candidates:
        try:
            client.client.images.get(name)
        except ImageNotFound:
            continue
        return name
    name = candidates[0]
    on_progress(f"pulling the image {name}")
    try:
        client.client.images.pull(name)
    except DockerException as error:
        raise HarnessError(
            f"the image {name} is not here and cannot be pulled ({error}); "
            "`.ci/docker-engine start` makes one of Debian's packages, "
            f"and {VARIABLE} names another"
        ) from None
    return name
