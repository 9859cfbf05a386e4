"""What a part of the page says: words for its placeholders, and its pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

type Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Told:
    """Texts by placeholder and pictures by file name."""

    texts: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    def __or__(self, other: "Told") -> "Told":
        """Put two parts together."""
        return Told(self.texts | other.texts, self.pictures | other.pictures)


def table(head: Row, rows: Iterable[Row]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def whole(value: float) -> str:
    """Return a count with thousands apart."""
    return f"{value:,.0f}"


def rate(value: float) -> str:
    """Return a rate: with a decimal where it is small."""
    return f"{value:,.1f}".removesuffix(".0") if value < 100 else f"{value:,.0f}"


def percent(share: float) -> str:
    """Return a share as per cent."""
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def clock(seconds: float | None) -> str:
    """Return a duration for people; an end that was not reached is said so."""
    if seconds is None:
        return "not within the run"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3_600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h"
