"""The matrix file is checked before anything is decided from it."""

from pathlib import Path

import pytest

from sam_harness.access.matrix import Cell, Effect, load
from sam_harness.errors import HarnessError, UsageError

GOOD = """
Worker:
  allow:
    - {actions: [sqs:SendMessage, sqs:PurgeQueue], resources: Q, because: work}
  deny:
    - {actions: sqs:DeleteQueue, resources: [Q, another sqs queue]}
"""


def written(tmp_path: Path, text: str) -> Path:
    """Return a file with this text."""
    path = tmp_path / "matrix.yaml"
    path.write_text(text)
    return path


def test_each_action_and_resource_of_an_entry_is_a_cell(tmp_path: Path) -> None:
    """In the order of the file, the reason with each."""
    matrix = load(written(tmp_path, GOOD))

    assert matrix.cells[1] == Cell(
        "Worker", "sqs:PurgeQueue", "Q", Effect.ALLOW, "work"
    )
    assert [cell.resource for cell in matrix.of("Worker", Effect.DENY)] == [
        "Q",
        "another sqs queue",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (", because: work", "", "Worker, allow entry 1: say why under because"),
        ("sqs:PurgeQueue", "sqs:PurgeQeue", "IAM has no action sqs:PurgeQeue"),
        ("sqs:PurgeQueue", "sqs:Purge*", "IAM has no action sqs:Purge*"),
        ("because", "reason", "unknown key 'reason'"),
        ("resources: Q,", "resources: [],", "resources is not a string"),
        ("because: work", "because: work, unused: ''", "unused needs the reason"),
        ("sqs:DeleteQueue", "sqs:PurgeQueue", "sqs:PurgeQueue Q is listed twice"),
        ("because: work", "because: work, when: Big", "when is not a mapping"),
        ("  deny:", "  forbid:", "'forbid' is neither allow nor deny"),
        ("  allow:", "  deny:", "list under allow what the role may do"),
        ("Worker:", "- Worker:", "a matrix is a mapping of roles"),
        ("Worker:", "Worker: [", "while parsing"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """File, role and entry, so that no search is needed."""
    path = written(tmp_path, GOOD.replace(old, new))

    with pytest.raises(HarnessError) as refused:
        load(path)

    assert str(path) in str(refused.value)
    assert said in str(refused.value)


def test_a_matrix_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    """Exit status 2."""
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.yaml")
