"""The page shows each load as it went, and stands alone."""

from datetime import UTC, datetime

from load.page import page, percentile
from unit.load.builders import a_run

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_a_percentile_is_one_of_the_values() -> None:
    """The least that is not below that share of all; of nothing it is 0."""
    values = [float(value) for value in range(1, 101)]

    assert [percentile(values, share) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert percentile([7.0], 0.5) == 7
    assert percentile([], 0.5) == 0


def test_a_green_load_shows_its_pictures_and_no_red() -> None:
    """Refunds, backlog, latency and memory over time."""
    html = page([a_run()], [], 2, MADE)

    assert 'class="bad"' not in html
    assert html.count("<svg") == 1
    for title in ("Refunds", "Backlog", "Latency of POST /refunds, by", "Memory"):
        assert f">{title}" in html
    assert "src=" not in html


def test_what_is_broken_stands_at_the_top() -> None:
    """In red."""
    html = page([a_run()], ["calm: <one> is not decided"], 2, MADE)

    assert html.index("calm: &lt;one&gt; is not decided") < html.index("<table>")
    assert 'class="bad"' in html
