"""One LocalStack for all rehearsals; each keeps to its own stacks or account."""

from collections.abc import Iterator

import pytest

from rehearsal import previews, releases
from rehearsal.previews import Previewed
from rehearsal.releases import Rehearsed
from sam_harness.emulator.embedded import EmbeddedLocalStack


@pytest.fixture(scope="session")
def localstack() -> Iterator[EmbeddedLocalStack]:
    """Yield an embedded LocalStack."""
    with EmbeddedLocalStack() as localstack:
        yield localstack


@pytest.fixture(scope="session")
def rehearsed(
    localstack: EmbeddedLocalStack, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsed:
    """Return a stage that was taken through all its releases."""
    return releases.rehearse(localstack, tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="session")
def previewed(
    localstack: EmbeddedLocalStack, tmp_path_factory: pytest.TempPathFactory
) -> Previewed:
    """Return what became of a preview."""
    return previews.rehearse(localstack, tmp_path_factory.mktemp("previews"))
