"""docs/performance.md shows what was measured, and nothing else."""

import xml.etree.ElementTree as ET

from performance import document, picture, results
from performance.results import GATES, METRICS, Summary
from performance.show import figure, rows
from performance.subjects import FLOOR, OURS, PEER


def test_the_page_and_its_picture_show_the_stored_figures() -> None:
    """Else: tox -e bench -- --rewrite-docs."""
    page, drawn = document.rendered(document.PAGE.read_text())

    assert document.PAGE.read_text() == page
    assert document.PICTURE.read_text() == drawn


def test_the_stored_figures_are_complete_and_pass_the_gates() -> None:
    """A page that shows a failed gate would advertise what is not."""
    found, about = results.read(document.STORED)

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


def test_figures_have_three_digits() -> None:
    """More would pretend to be exact."""
    assert [figure(value) for value in (1234.5, 12.345, 0.12345)] == [
        "1234",
        "12.3",
        "0.123",
    ]


def test_the_picture_draws_a_bar_for_each_subject() -> None:
    """In proportion to the usual way."""
    found = {
        metric: {
            OURS: Summary(1, 1, 1),
            PEER: Summary(2, 2, 1),
            FLOOR: Summary(0, 0, 1),
        }
        for metric in picture.SHOWN
    }

    svg = ET.fromstring(picture.draw(found))  # noqa: S314 - our own

    bars = [
        float(bar.attrib["width"])
        for bar in svg.iter("{http://www.w3.org/2000/svg}rect")
        if bar.attrib["class"] == OURS and bar.attrib["width"] != "12"
    ]
    assert bars == [200.0] * len(picture.SHOWN)
