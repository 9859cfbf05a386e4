"""docs/performance.md shows what was measured, and nothing else."""

import json
import xml.etree.ElementTree as ET

import pytest

from bench.performance import page, parts, regressions, results
from bench.performance.page import rows
from bench.performance.results import GATES, METRICS, Summary
from bench.performance.subjects import FLOOR, OURS, PEER


def test_the_page_and_its_picture_show_the_stored_figures() -> None:
    """Where this fails, run `tox -e bench -- --rewrite-docs`."""
    text, picture = page.rendered(page.PAGE.read_text())

    assert page.PAGE.read_text() == text
    assert page.PICTURE.read_text() == picture


def test_the_stored_figures_are_complete_and_pass_the_gates() -> None:
    """The page shows no failed gate and leaves no metric out."""
    found, about = results.read(page.STORED)

    assert set(found) == {metric.name for metric in METRICS}
    assert all(verdict.holds for verdict in results.verdicts(found))
    assert len(results.verdicts(found)) == len(GATES)
    assert isinstance(about["coldProcesses"], int)
    assert about["coldProcesses"] >= 15


def test_a_row_has_medians_ratios_and_the_gate() -> None:
    """Peer and floor beside ours."""
    found = {
        "receiver_warm_cpu": {
            OURS: Summary(1.234, 1.2, 3),
            PEER: Summary(2.468, 2.4, 3),
            FLOOR: Summary(0.5, 0.5, 3),
        }
    }

    assert rows(found) == [
        ("Receiver, warm: CPU per request, ms", "1.23", "2.47", "0.5", "0.50", "2.4",
         "≤ 0.70"),
    ]  # fmt: skip


def test_the_picture_draws_a_bar_for_each_subject() -> None:
    """In proportion to the usual way."""
    found = {
        metric: {
            OURS: Summary(1, 1, 1),
            PEER: Summary(2, 2, 1),
            FLOOR: Summary(0, 0, 1),
        }
        for metric in page.DRAWN
    }

    svg = ET.fromstring(page.draw(found))  # noqa: S314 - our own

    widths = {
        colour: [
            float(bar.attrib["width"])
            for bar in svg.iter("{http://www.w3.org/2000/svg}rect")
            if bar.attrib["class"] == colour
        ]
        for colour in ("c3", "c7")
    }
    assert len(widths["c3"]) == len(page.DRAWN)
    assert widths["c3"] == pytest.approx([width / 2 for width in widths["c7"]], abs=0.1)


def test_the_stored_parts_are_complete() -> None:
    """Each is a row of the page: its figure, and its share of another."""
    stored = json.loads(page.STORED.read_text())["parts"]

    assert set(stored["medians"]) == {part.name for part in parts.PARTS}
    assert stored["rounds"] >= 5


def test_a_part_is_shown_with_its_share() -> None:
    """A share is in per cent of another part; not every part has one."""
    found = dict.fromkeys([part.name for part in parts.PARTS], 2.0)
    found |= {"start_whole": 8.0, "log_line": 31.25}

    shown = {title: (figure, share) for title, figure, share in parts.rows(found)}

    assert shown["… importing Powertools"] == ("2 ms", "25% of Receiver's cold start")
    assert shown["A log line"] == ("31.2 µs", "")


def test_every_stored_regression_failed_its_gate() -> None:
    """The page shows no regression that a gate let pass."""
    stored = json.loads(page.STORED.read_text())["regressions"]

    verdicts = regressions.verdicts(stored["measured"])

    assert set(stored["measured"]) == {one.name for one in regressions.REGRESSIONS}
    assert not any(verdict.holds for verdict in verdicts.values())
