"""The page of evidence says what a run has proven, and never more."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.layers import LAYERS, results
from evidence.page import page

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
RED = 'class="bad"'


def junit(reports: Path, name: str, inside: str = "", *, tests: int = 3) -> None:
    """Write what pytest writes."""
    (reports / name).write_text(
        f'<testsuites><testsuite tests="{tests}" skipped="1" time="4.2" '
        f'timestamp="2026-01-02T03:00:00.1">{inside}</testsuite></testsuites>'
    )


def shown(reports: Path) -> str:
    """Return the page about a folder."""
    return page(results(reports), reports, "a1b2c3", MADE)


def test_a_green_run_shows_no_red(tmp_path: Path) -> None:
    """What it counts has passed; what has not run is said."""
    junit(tmp_path, "unit.xml")
    junit(tmp_path, "contract.xml")

    html = shown(tmp_path)

    assert RED not in html
    assert "4 tests passed." in html
    assert "Not part of this run: policy, integration" in html
    assert "a1b2c3" in html


@pytest.mark.parametrize("how", ["failure", "error"])
def test_what_failed_is_named_at_the_top(tmp_path: Path, how: str) -> None:
    """In red, by layer and test."""
    junit(tmp_path, "unit.xml", f'<testcase name="test_&lt;x&gt;"><{how}/></testcase>')

    html = shown(tmp_path)

    assert RED in html
    assert "unit: test_&lt;x&gt;" in html
    assert "tests passed" not in html
    assert html.index("unit: test_") < html.index("By layer")


def test_a_run_that_left_nothing_is_red(tmp_path: Path) -> None:
    """No news is no proof."""
    assert RED in shown(tmp_path)


def test_what_is_not_provable_is_told(tmp_path: Path) -> None:
    """What the run has found out, beside every layer."""
    found = "AWS::Logs::LogGroup.RetentionInDays: dropped"
    (tmp_path / "not-provable.json").write_text(json.dumps([found]))

    html = shown(tmp_path)

    assert found in html
    for layer in LAYERS:
        assert f">{layer.name}<" in html


def test_a_page_is_linked_once_it_is_there(tmp_path: Path) -> None:
    """A link leads somewhere."""
    assert 'href="access-matrix.html"' not in shown(tmp_path)

    (tmp_path / "access-matrix.html").touch()

    assert 'href="access-matrix.html"' in shown(tmp_path)
