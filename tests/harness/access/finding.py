"""Where a template's policies and the access matrix differ, and how that is said."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.access.targets import ANOTHER
from harness.iam.evaluate import Decision

_SHOWN = 3  # resources that are named; of more there is the number


@dataclass(frozen=True, slots=True)
class Finding:
    """Where template and matrix differ."""

    role: str
    action: str
    resource: str
    problem: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.role}: {self.action} on {self.resource}: {self.problem}"


def unlisted(role: str, action: str, beyond: Mapping[str, Decision]) -> Finding:
    """Return that an action is allowed on what the matrix does not list.

    ``beyond``: the names of these resources, and why each is allowed.
    """
    names = sorted(beyond, key=lambda name: (name.startswith(ANOTHER), name))
    shown = ", ".join(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown += f" and {len(names) - _SHOWN} more"
    match = beyond[names[0]].matches[0]
    label = match.statement
    statement = f"statement {label}" if isinstance(label, int) else label
    problem = f"not in the matrix, but allowed by {match.policy}, {statement}"
    return Finding(role, action, shown, problem)
