"""Charts as SVG: the same numbers give the same bytes.

Every picture has its own background in both themes, because a picture in a README
follows the reader's system, not the site's theme.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Self

WIDTH = 860
_LEFT, _RIGHT = 76, 22
_FONT = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
_STYLE = """
.bg{fill:#fff}.t{fill:#1f2328;font-weight:600;font-size:15px}
.l{fill:#424a53;font-size:12px}.g{stroke:#d8dee4;stroke-width:1}
.x{stroke:#8c959f;stroke-width:1}.s{fill:#ffebe9}.m{stroke:#57606a;stroke-dasharray:4 3}
.n path,.n polyline{fill:none;stroke-width:2.2;stroke-linejoin:round}
.c0{stroke:#0969da;fill:#0969da}.c1{stroke:#bc4c00;fill:#bc4c00}
.c2{stroke:#cf222e;fill:#cf222e}.c3{stroke:#1a7f37;fill:#1a7f37}
.c4{stroke:#8250df;fill:#8250df}.c5{stroke:#9a6700;fill:#9a6700}
.c6{stroke:#1b7c83;fill:#1b7c83}.c7{stroke:#57606a;fill:#57606a}
.p{opacity:.3}
@media (prefers-color-scheme:dark){.bg{fill:#0d1117}.t{fill:#f0f6fc}.l{fill:#c9d1d9}
.g{stroke:#30363d}.x{stroke:#6e7681}.s{fill:#3d1a1e}.m{stroke:#9198a1}
.c0{stroke:#58a6ff;fill:#58a6ff}.c1{stroke:#f0883e;fill:#f0883e}
.c2{stroke:#ff7b72;fill:#ff7b72}.c3{stroke:#56d364;fill:#56d364}
.c4{stroke:#bc8cff;fill:#bc8cff}.c5{stroke:#e3b341;fill:#e3b341}
.c6{stroke:#76e3ea;fill:#76e3ea}.c7{stroke:#9198a1;fill:#9198a1}}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A named series of points, x ascending."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """From 0 to ``end``, with a label at each tick."""

    name: str
    end: float
    ticks: Sequence[tuple[float, str]]

    @classmethod
    def stepped(cls, name: str, end: float, step: float) -> Self:
        """Return an axis with a tick at every step from 0 to ``end``."""
        values = [place * step for place in range(int(end / step) + 1)]
        return cls(name, end, [(n, f"{n:,.10g}") for n in values])


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment with a word about it."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of adjoining parts, each (value, colour); and a word at its end."""

    name: str
    parts: Sequence[tuple[float, int]]
    end: str


def picture(title: str, parts: Iterable[tuple[str, int]]) -> str:
    """Stack groups, each given with its height, into one picture."""
    body, height = [], 12
    for group, group_height in parts:
        body.append(f'<g transform="translate(0 {height})">{group}</g>')
        height += group_height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="{_FONT}" role="img" aria-label="{escape(title)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect class="bg" width="{WIDTH}" height="{height}" rx="8"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def lines(  # noqa: PLR0913 - what a chart is made of
    title: str,
    x: Axis,
    y: Axis,
    series: Sequence[Line],
    *,
    shaded: tuple[float, float] | None = None,
    marks: Sequence[Mark] = (),
) -> tuple[str, int]:
    """Draw a line chart; return it with its height."""
    top, bottom, height = 62, 232, 280
    width = WIDTH - _LEFT - _RIGHT

    def at(px: float, py: float) -> tuple[str, str]:
        down = bottom - min(1.0, py / y.end) * (bottom - top)
        return _n(_LEFT + px / x.end * width), _n(down)

    out = [_text(_LEFT, 22, title, "t"), _legend([one.name for one in series])]
    if shaded:
        begin, end = (at(value, 0)[0] for value in shaded)
        out.append(
            f'<rect class="s" x="{begin}" y="{top}" '
            f'width="{_n(float(end) - float(begin))}" height="{bottom - top}"/>'
        )
    for value, name in y.ticks:
        level = at(0, value)[1]
        out.append(f'<path class="g" d="M{_LEFT} {level}H{WIDTH - _RIGHT}"/>')
        out.append(_text(_LEFT - 8, float(level) + 4, name, anchor="end"))
    for value, name in x.ticks:
        out.append(_text(float(at(value, 0)[0]), bottom + 18, name, anchor="middle"))
    out.append(f'<path class="x" d="M{_LEFT} {bottom}H{WIDTH - _RIGHT}"/>')
    out.append(_text(_LEFT + width / 2, bottom + 37, x.name, anchor="middle"))
    out.append(_text(8, top - 12, y.name))
    for place, mark in enumerate(marks):
        across = at(mark.x, 0)[0]
        out.append(f'<path class="m" d="M{across} {top}V{bottom}"/>')
        out.append(_text(float(across) + 5, top + 14 + 16 * place, mark.text))
    for colour, one in enumerate(series):
        points = " ".join(",".join(at(*point)) for point in one.points)
        out.append(f'<g class="n"><polyline class="c{colour}" points="{points}"/></g>')
    return "".join(out), height


def bars(  # noqa: PLR0913 - what a chart is made of
    title: str,
    legend: Sequence[str],
    rows: Sequence[Bar],
    end: float,
    *,
    left: int,
    pitch: int = 28,
) -> tuple[str, int]:
    """Draw horizontal bars, one each ``pitch``; return them with their height.

    A legend's places are the parts' colours.
    """
    width = WIDTH - left - 110
    out = [_text(22, 22, title, "t"), _legend(legend, 22)]
    top = 62 if legend else 38
    for place, row in enumerate(rows):
        down, across = top + pitch * place, float(left)
        out.append(_text(left - 10, down + pitch / 2, row.name, anchor="end"))
        for value, colour in row.parts:
            long = value / end * width
            out.append(
                f'<rect class="c{colour}" stroke-width="0" x="{_n(across)}" '
                f'y="{down}" width="{_n(long)}" height="{pitch - 8}"/>'
            )
            across += long
        out.append(_text(across + 8, down + pitch / 2, row.end))
    return "".join(out), top + 18 + pitch * len(rows)


def _legend(names: Sequence[str], left: int = _LEFT) -> str:
    out, across = [], float(left)
    for colour, name in enumerate(names):
        out.append(
            f'<rect class="c{colour}" stroke-width="0" x="{_n(across)}" y="33" '
            'width="12" height="12" rx="2"/>'
        )
        out.append(_text(across + 17, 43, name))
        across += 34 + 6.4 * len(name)
    return "".join(out)


def _text(
    x: float, y: float, text: str, kind: str = "l", *, anchor: str = "start"
) -> str:
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )


def _n(value: float) -> str:
    """Write a number briefly, and alike on every machine."""
    return f"{round(value, 1):g}"
