"""The matrix as one HTML page that needs nothing else."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from importlib.resources import files
from itertools import groupby

from sam_harness.access.matrix import Effect
from sam_harness.access.report import Layer, Row

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access matrix</title><style>{css}</style></head>
<body><h1>Access matrix</h1><p>{roles} roles, {count}</p>{problems}
<p class="quiet">static: decided from the template. role: a real call to LocalStack with
the deployed role's credentials. inside: the same call from inside a function that runs
as the role. stage: AWS itself. ✓ agrees with the matrix, ✗ contradicts it, - was not
tried in this run. What is not listed is denied, and proved so by the static layer for
every action that AWS knows.</p>
{tables}{notes}<p class="quiet">Made {made:%Y-%m-%d %H:%M} UTC</p></body></html>"""
_HEADINGS = {
    Layer.STATIC: "static",
    Layer.ROLE: "role",
    Layer.FUNCTION: "inside",
    Layer.STAGE: "stage",
}
_MARKS = {True: ("✓", "good"), False: ("✗", "bad"), None: ("-", "quiet")}
_USE = {"UNUSED": "bad", "not measured": "quiet", "unused, explained": "wait"}


def page(
    rows: Iterable[Row],
    problems: Iterable[str],
    made: datetime,
    notes: Iterable[str] = (),
) -> str:
    """Return the page: ``problems`` at its top, ``notes``, which are none, below."""
    listed = list(rows)
    css = files("sam_harness.access") / "page.css"
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    looks = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return _PAGE.format(
        css=css.read_text(encoding="utf-8"),
        roles=len({row.cell.role for row in listed}),
        count=_count(listed),
        problems=f'<ul class="problems">{items}</ul>'
        if items
        else '<p class="good">Nothing contradicts the matrix.</p>',
        notes=f'<p class="quiet">To look at:</p><ul class="quiet">{looks}</ul>'
        if looks
        else "",
        tables="".join(
            _table(role, list(of_role))
            for role, of_role in groupby(listed, lambda row: row.cell.role)
        ),
        made=made,
    )


def _count(rows: list[Row]) -> str:
    allowed = sum(row.cell.effect is Effect.ALLOW for row in rows)
    return f"{allowed} grants, {len(rows) - allowed} named denials."


def _table(role: str, rows: list[Row]) -> str:
    headings = "".join(f'<th class="layer">{_HEADINGS[layer]}</th>' for layer in Layer)
    groups = ""
    for resource in dict.fromkeys(row.cell.resource for row in rows):
        named = "any resource" if resource == "*" else escape(resource)
        of_resource = [row for row in rows if row.cell.resource == resource]
        of_resource.sort(key=lambda row: row.cell.effect is Effect.DENY)
        lines = "".join(map(_row, of_resource))
        groups += f'<tbody><tr><th colspan="5">{named}</th></tr>{lines}</tbody>'
    return (
        f'<h2>{escape(role)}</h2><p class="quiet">{_count(rows)}</p><table><thead><tr>'
        f"<th>action</th>{headings}</tr></thead>{groups}</table>"
    )


def _row(row: Row) -> str:
    cell = row.cell
    verb, why = '<span class="verb may-not">may not</span>', ""
    if cell.effect is Effect.ALLOW:
        unused = f": {escape(cell.unused)}" if cell.unused else ""
        use = f'<b class="{_USE.get(row.use, "good")}">{row.use}</b>{unused}'
        verb = '<span class="verb may">may</span>'
        why = f'<span class="why">{escape(cell.because)}; {use}</span>'
    # The line breaks after the service if it must.
    action = f"<code>{cell.action.replace(':', ':<wbr>')}</code>"
    marks = (_MARKS[row.holds[layer]] for layer in Layer)
    cells = "".join(f'<td class="layer {kind}">{text}</td>' for text, kind in marks)
    fails = ' class="fails"' if row.fails else ""
    return f"<tr{fails}><td>{verb}{action}{why}</td>{cells}</tr>"
