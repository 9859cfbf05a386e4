"""One LocalStack for all rehearsals; each keeps to its own stacks or account."""

from collections.abc import Iterator

import pytest

from sam_harness.emulator.embedded import EmbeddedLocalStack


@pytest.fixture(scope="session")
def localstack() -> Iterator[EmbeddedLocalStack]:
    """Yield an embedded LocalStack."""
    with EmbeddedLocalStack() as localstack:
        yield localstack
