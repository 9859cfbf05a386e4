"""Needs that are not met on purpose: a YAML file with the reason of each.

- action: iam:DeleteRolePermissionsBoundary
  resource: AWS::IAM::Role      # a type, or a logical id
  reason: no role may ever lose its boundary
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sam_harness.errors import UsageError
from sam_harness.template.document import read

_KEYS = {"action", "resource", "reason"}


class Exceptions:
    """The exceptions of a file, and which of them were of use."""

    def __init__(self, listed: list[Mapping[str, str]]) -> None:
        self._listed = listed
        self._used: set[int] = set()

    def cover(self, action: str, logical_id: str, kind: str) -> bool:
        """Tell whether an exception is about this action for this resource."""
        for index, one in enumerate(self._listed):
            if one["resource"] in {logical_id, kind} and fnmatchcase(
                action, one["action"]
            ):
                self._used.add(index)
                return True
        return False

    def unused(self) -> list[str]:
        """Return those that covered nothing: what they were for is gone."""
        return [
            f"{one['action']} for {one['resource']}"
            for index, one in enumerate(self._listed)
            if index not in self._used
        ]


def load(path: Path | None) -> Exceptions:
    """Read a file of exceptions; without one there are none.

    Raises:
        UsageError: there is no such file, or an entry has not exactly the three texts.

    """
    if path is None:
        return Exceptions([])
    listed: Any = read(path) if path.stat().st_size else []
    if not isinstance(listed, list):
        raise UsageError(f"{path}: not a list of exceptions")
    for number, one in enumerate(listed, 1):
        texts = isinstance(one, dict) and all(
            isinstance(v, str) and v for v in one.values()
        )
        if not texts or set(one) != _KEYS:
            raise UsageError(
                f"{path}: exception {number} has not exactly {', '.join(sorted(_KEYS))}"
            )
    return Exceptions(listed)
