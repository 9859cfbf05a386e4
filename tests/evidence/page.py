"""The page: words, tables and pictures, which needs nothing else."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from pathlib import Path

from evidence.coverage import rows, seen_by_gateway
from evidence.layers import LAYERS, Layer, Result
from service.checkout import ROOT

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evidence</title><style>{css}</style></head><body>
<h1>Evidence</h1>
<p>What this run of the gate has proven. Commit <code>{commit}</code>,
{made:%Y-%m-%d %H:%M} UTC.</p>
{verdict}
{sections}</body></html>
"""
# What a run may leave beside the tests, by its path in reports/.
_PAGES = (
    ("access-matrix.html", "who may do what, and what was tried"),
    ("faults.md", "every call of the functions, every fault, what became of it"),
    ("contract/schemathesis/index.html", "the generated requests and their answers"),
    ("load/index.html", "three loads: refunds, backlog, latency, memory"),
    ("performance.json", "what the functions cost, with the gates"),
)
_PICTURES = ("performance.svg", "scale-limits.svg", "scale-outage.svg")


def page(
    results: Mapping[Layer, Result], reports: Path, commit: str, made: datetime
) -> str:
    """Return the page about what is in ``reports``."""
    sections = (
        ("By layer", _layers(results)),
        ("Pages of this run", _pages(reports)),
        ("The API's contract", _coverage(reports)),
        ("Seeded defects", _defects(reports)),
        ("Load", "".join(_load(reports))),
        ("Performance and scale", "".join(_pictures())),
        ("Not provable here", _not_provable(reports)),
    )
    return _PAGE.format(
        css=Path(__file__).with_name("page.css").read_text(encoding="utf-8"),
        commit=escape(commit),
        made=made,
        verdict=_verdict(results),
        sections="".join(
            f"<section><h2>{title}</h2>{body}</section>" for title, body in sections
        ),
    )


def _verdict(results: Mapping[Layer, Result]) -> str:
    failed = [
        f"{layer.name}: {name}"
        for layer, result in results.items()
        for name in result.failed
    ]
    if failed:
        return f'<div class="bad"><p>Failed:</p>{_list(failed)}</div>'
    if not results:
        return '<p class="bad">Nothing has run: reports/ has no results.</p>'
    tests = sum(result.tests - result.skipped for result in results.values())
    left = [layer.name for layer in LAYERS if layer not in results]
    rest = f" Not part of this run: {', '.join(left)}." if left else ""
    return f'<p class="good">{tests:,} tests passed.</p><p class="quiet">{rest}</p>'


def _layers(results: Mapping[Layer, Result]) -> str:
    return _table(
        ("layer", "what it proves", "tests", "skipped", "seconds", "when"),
        (
            (
                layer.name, layer.proves, f"{result.tests:,}", result.skipped,
                f"{result.seconds:,.0f}", result.when,
            )
            if (result := results.get(layer))
            else (layer.name, layer.proves, "-", "-", "-", "not in this run")
            for layer in LAYERS
        ),
    )  # fmt: skip


def _pages(reports: Path) -> str:
    items = [
        f'<li><a href="{path}">{path}</a>: {what}</li>'
        if (reports / path).exists()
        else f'<li class="quiet">{path}: {what}; not in this run</li>'
        for path, what in _PAGES
    ]
    return f"<ul>{''.join(items)}</ul>"


def _coverage(reports: Path) -> str:
    return _table(
        ("operation", "status", "seen"),
        ((name, status, how) for name, status, how in rows(seen_by_gateway(reports))),
    )


def _defects(reports: Path) -> str:
    logs = sorted((reports / "seeded-defects").glob("*.log"))
    if not logs:
        return (
            '<p class="quiet">Not in this run: <code>tox -e seeded-defects</code>.</p>'
        )
    items = (f'<li><a href="{_from(reports, log)}">{log.stem}</a></li>' for log in logs)
    words = "<p>Each was stopped by the step at the end of its log.</p>"
    return f"{words}<ul>{''.join(items)}</ul>"


def _load(reports: Path) -> Iterator[str]:
    page = reports / "load" / "index.html"
    if not page.exists():
        yield '<p class="quiet">Not in this run: <code>tox -e load</code>.</p>'
        return
    yield from re.findall(r"<svg.*?</svg>", page.read_text(encoding="utf-8"), re.DOTALL)


def _pictures() -> Iterator[str]:
    yield '<p class="quiet">As kept in docs/, from the last measurement.</p>'
    for name in _PICTURES:
        yield (ROOT / "docs" / name).read_text(encoding="utf-8")


def _from(reports: Path, file: Path) -> str:
    return escape(file.relative_to(reports).as_posix())


def _not_provable(reports: Path) -> str:
    """List what the last run with an emulator could not show, as it listed it."""
    listed = reports / "not-provable.json"
    return _list(json.loads(listed.read_text()) if listed.exists() else [])


def _list(items: "Iterator[str] | list[str]") -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def _table(head: tuple[str, ...], lines: "Iterator[tuple[object, ...]]") -> str:
    headings = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-name="{name}">{escape(str(cell))}</td>'
            for name, cell in zip(head, line, strict=True)
        )
        + "</tr>"
        for line in lines
    )
    return f"<table><thead><tr>{headings}</tr></thead><tbody>{body}</tbody></table>"
