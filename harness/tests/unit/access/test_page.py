"""The page shows what the layers found out, and stands alone."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from sam_harness.access.matrix import Matrix
from sam_harness.access.page import page
from sam_harness.access.report import Balance, Evidence, Layer, rows

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class Read(HTMLParser):
    """What a browser would show, and what it would have to fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is opened, and what would be loaded."""
        if tag not in {"meta", "wbr"}:
            self.open.append(tag)
        self.fetched += [
            f"{tag} {name}" for name, _ in attrs if name in {"src", "href"}
        ]

    def handle_endtag(self, tag: str) -> None:
        """Check that it was the innermost."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        if "style" not in self.open:
            self.text += data


def read(html: str) -> Read:
    """Read a page to its end."""
    reader = Read()
    reader.feed(html)
    reader.close()
    assert not reader.open
    return reader


def test_the_page_needs_nothing_else_and_has_every_cell(a_matrix: Matrix) -> None:
    """One file, to be mailed or kept as an artefact."""
    shown = read(page(rows(a_matrix, [], Balance()), [], MADE))

    assert shown.fetched == []
    assert "Nothing contradicts the matrix." in shown.text
    assert all(cell.action in shown.text for cell in a_matrix.cells)
    assert "made 2026-01-02 03:04 utc" in shown.text.lower()


@pytest.mark.parametrize(("holds", "mark"), [(True, "✓"), (False, "✗"), (None, "-")])
def test_each_layer_has_its_mark(
    a_matrix: Matrix, *, holds: bool | None, mark: str
) -> None:
    """Agreed, contradicted, or not tried in this run."""
    cell = a_matrix.cells[0]
    one = replace(a_matrix, cells=(cell,))
    tried = [] if holds is None else [Evidence.about(cell, Layer.STAGE, holds=holds)]

    shown = read(page(rows(one, tried, Balance()), [], MADE))

    table = shown.text.partition("insidestage")[2].partition("Made")[0]
    assert table.endswith(f"---{mark}")


def test_use_and_problems_are_told_in_words(a_matrix: Matrix) -> None:
    """Used how often, unused and why, and at the top what is wrong."""
    sends, asks, traces = a_matrix.cells[0], a_matrix.cells[1], a_matrix.cells[2]
    measured = Balance({sends: 7, asks: 0, traces: 0})

    shown = read(page(rows(a_matrix, [], measured), ["<something> is wrong"], MADE))

    assert "it sends; used 7 times" in shown.text
    assert "it asks; UNUSED" in shown.text
    assert "it is traced; unused, explained: nothing traces here" in shown.text
    assert shown.text.index("<something> is wrong") < shown.text.index("Worker")


def test_what_only_deserves_a_look_is_no_problem(a_matrix: Matrix) -> None:
    """A green run shows nothing red: a test may try on purpose what is not granted."""
    html = page(rows(a_matrix, [], Balance()), [], MADE, ["tried but not granted"])

    assert "Nothing contradicts the matrix." in read(html).text
    assert html.index("tried but not granted") > html.index("</table>")
    assert 'class="problems"' not in html
