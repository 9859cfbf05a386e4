"""AWS's service authorization reference, as the gate reads it inside LocalStack."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam_harness.iam import reference


@pytest.fixture
def fresh() -> Iterator[None]:
    """Keep nothing of what other tests read, and leave nothing for them."""
    reference.actions.cache_clear()
    yield
    sys.modules.pop(reference.FOLDER, None)
    reference.actions.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_what_is_written_for_localstack_is_what_the_reference_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two services; of one that AWS has not, that it has no actions."""
    known = {prefix: reference.actions(prefix) for prefix in ("states", "dynamodb")}
    told = {prefix: reference.definition()[prefix] for prefix in known}
    reference.actions.cache_clear()
    monkeypatch.setattr(reference, "definition", lambda: told)
    reference.write(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(reference, "definition", dict)

    assert {prefix: reference.actions(prefix) for prefix in known} == known
    assert known["states"]["CreateStateMachine"].passes_role
    assert reference.actions("no-such-service") == {}
