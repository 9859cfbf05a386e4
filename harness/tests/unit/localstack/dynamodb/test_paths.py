"""What a request returns of items has no part of it twice."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.dynamodb.reading import check_paths


def checked(paths: str, **names: str) -> None:
    """Check a projection; ``names`` are placeholders without their sign."""
    request: dict[str, Any] = {"ProjectionExpression": paths}
    if names:
        request["ExpressionAttributeNames"] = {f"#{k}": v for k, v in names.items()}
    check_paths(request)


@pytest.mark.parametrize("paths", ["a, a.b", "a[0].c , b, a[0]", "#n.b, a.b.c", "a, a"])
def test_paths_that_overlap_are_refused(paths: str) -> None:
    """However they are written."""
    with pytest.raises(ValueError, match="Two document paths overlap"):
        checked(paths, n="a")


@pytest.mark.parametrize("paths", ["a.b, a.c", "a[0], a[1]", "a, ab", "#n, a.b", "a,"])
def test_paths_that_do_not_overlap_are_taken(paths: str) -> None:
    """A name with a dot, by its placeholder, is one step; no path overlaps none."""
    checked(paths, n="a.b")
