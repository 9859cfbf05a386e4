"""What each layer has found out about a cell of the matrix."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any, Self

from harness.access.matrix import Cell

# The name under which a test's report carries it, also from xdist's workers.
PROPERTY = "access evidence"


class Layer(Enum):
    """Where a cell was tried; the value is the heading in reports."""

    STATIC = "static"
    ROLE = "LocalStack, role"
    FUNCTION = "LocalStack, function"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Evidence:
    """``holds``: the layer agrees with the matrix."""

    role: str
    action: str
    resource: str
    layer: str
    holds: bool

    @classmethod
    def about(cls, cell: Cell, layer: Layer, *, holds: bool) -> Self:
        """Say whether a layer agrees with a cell."""
        return cls(cell.role, cell.action, cell.resource, layer.value, holds)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return what ``to_fields`` was made of."""
        return cls(**fields)

    def to_fields(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return asdict(self)
