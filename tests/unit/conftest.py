"""One moto for every unit test: starting it costs 100 ms, a reset 4 ms."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore import session
from moto import mock_aws
from moto.core import loaders, responses, utils
from moto.core.models import MockAWS
from moto.sqs import models

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(scope="session")
def shared_moto() -> Iterator[MockAWS]:
    """Fake AWS until the session ends; each fixture that uses it resets it first."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        _hurry(patch)
        with mock_aws() as moto:
            yield moto


def _hurry(patch: pytest.MonkeyPatch) -> None:
    """Spare moto what it does again for every call: up to half of the call's time."""
    for module, name in (
        (responses, "method_names_from_class"),
        (responses, "camelcase_to_underscores"),
        (models, "camelcase_to_underscores"),
    ):
        patch.setattr(module, name, cache(getattr(module, name)))
    # Each loader looks through the folders of 400 services.
    patch.setattr(utils, "create_loader", cache(loaders.create_loader))
    # It tries twenty names for each value of an item, which needs no translation.
    value: Any = utils.get_service_model("dynamodb").shape_for("AttributeValue")
    patch.setitem(value._shape_model, "document", "as it is")  # noqa: SLF001 - it has no other


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
