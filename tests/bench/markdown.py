"""Tables and numbers as the written pages show them."""

from collections.abc import Iterable, Sequence

type Row = Sequence[object]


def table(head: Row, rows: Iterable[Row], *, numbers: bool = False) -> str:
    """Return a Markdown table; ``numbers`` aligns all columns but the first right."""
    rule = ["---"] + ["---:" if numbers else "---"] * (len(head) - 1)
    return "\n".join(
        "| " + " | ".join(map(str, line)) + " |" for line in (head, rule, *rows)
    )


def whole(value: float) -> str:
    """Return a count with thousands apart."""
    return f"{value:,.0f}"


def three_digits(value: float) -> str:
    """Return a measured number: more digits would pretend to be exact."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def rate(value: float) -> str:
    """Return a rate: with a decimal where it is small."""
    return f"{value:,.1f}".removesuffix(".0") if value < 100 else f"{value:,.0f}"


def percent(share: float) -> str:
    """Return a share as per cent."""
    return f"{share * 100:.1f} %" if 0 < share < 0.1 else f"{share * 100:.0f} %"


def clock(seconds: float | None) -> str:
    """Return a duration in s, min or h; None is an end that the run did not reach."""
    if seconds is None:
        return "not within the run"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 2 * 3_600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.1f} h"
