"""The matrix as one HTML page that needs nothing else."""

from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from xml.etree.ElementTree import Element, SubElement, tostring

from harness.access.matrix import Effect
from harness.access.report import Layer, Row

_HEADINGS = {
    Layer.STATIC: "static",
    Layer.ROLE: "role",
    Layer.FUNCTION: "inside",
    Layer.STAGE: "stage",
}
_LEGEND = (
    "static: decided from the template. role: a real call to LocalStack with the "
    "deployed role's credentials. inside: the same call from inside a function that "
    "runs as the role. stage: AWS itself. ✓ agrees with the matrix, ✗ contradicts it, "
    "- was not tried in this run. What is not listed is denied, and proved so by the "
    "static layer for every action that AWS knows."
)
_MARKS = {True: ("✓", "good"), False: ("✗", "bad"), None: ("-", "quiet")}


def page(rows: Iterable[Row], problems: Iterable[str], made: datetime) -> str:
    """Return the page; ``problems`` stand at its top."""
    listed = list(rows)
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    SubElement(head, "meta", viewport)
    SubElement(head, "title").text = "Access matrix"
    css = files("harness.access") / "page.css"
    SubElement(head, "style").text = css.read_text(encoding="utf-8")
    body = SubElement(root, "body")
    _add(body, "h1", "Access matrix")
    _add(body, "p", f"{len({row.cell.role for row in listed})} roles, {_count(listed)}")
    _problems(body, list(problems))
    _add(body, "p", _LEGEND, "quiet")
    for role in dict.fromkeys(row.cell.role for row in listed):
        of_role = [row for row in listed if row.cell.role == role]
        _add(body, "h2", role)
        _add(body, "p", _count(of_role), "quiet")
        _table(body, of_role)
    _add(body, "p", f"Made {made:%Y-%m-%d %H:%M} UTC", "quiet")
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html")


def _count(rows: list[Row]) -> str:
    allowed = sum(row.cell.effect is Effect.ALLOW for row in rows)
    denied = len(rows) - allowed
    return f"{allowed} grants, {denied} named denials."


def _problems(body: Element, problems: list[str]) -> None:
    if not problems:
        _add(body, "p", "Nothing contradicts the matrix.", "good")
        return
    listed = SubElement(body, "ul", {"class": "problems"})
    for problem in problems:
        _add(listed, "li", problem)


def _table(body: Element, rows: list[Row]) -> None:
    table = SubElement(body, "table")
    heading = SubElement(SubElement(table, "thead"), "tr")
    _add(heading, "th", "action")
    for layer in Layer:
        _add(heading, "th", _HEADINGS[layer], "layer")
    for resource in dict.fromkeys(row.cell.resource for row in rows):
        group = SubElement(table, "tbody")
        of_resource = [row for row in rows if row.cell.resource == resource]
        of_resource.sort(key=lambda row: row.cell.effect is Effect.DENY)
        named = SubElement(SubElement(group, "tr"), "th", colspan="5")
        named.text = "any resource" if resource == "*" else resource
        for row in of_resource:
            _row(group, row)


def _row(group: Element, row: Row) -> None:
    line = SubElement(group, "tr", {"class": "fails"} if row.fails else {})
    cell = SubElement(line, "td")
    allowed = row.cell.effect is Effect.ALLOW
    if allowed:
        _add(cell, "span", "may", "verb may")
    else:
        _add(cell, "span", "may not", "verb may-not")
    service, _, name = row.cell.action.partition(":")
    code = _add(cell, "code", f"{service}:")
    SubElement(code, "wbr").tail = name  # the line breaks there if it must
    if allowed:
        why = _add(cell, "span", f"{row.cell.because}; ", "why")
        use = _add(why, "b", row.use, "good" if row.used else _USE.get(row.use, "wait"))
        use.tail = f": {row.cell.unused}" if row.cell.unused else ""
    for layer in Layer:
        text, kind = _MARKS[row.holds[layer]]
        _add(line, "td", text, f"layer {kind}")


_USE = {"UNUSED": "bad", "not measured": "quiet"}


def _add(parent: Element, tag: str, text: str, kind: str = "") -> Element:
    element = SubElement(parent, tag, {"class": kind} if kind else {})
    element.text = text
    return element
