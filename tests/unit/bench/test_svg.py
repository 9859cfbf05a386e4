"""The charts: well-formed, and the same bytes for the same numbers."""

from xml.etree import ElementTree as ET

from bench.svg import Axis, Bar, Line, Mark, bars, lines, picture


def a_picture() -> str:
    """Return a picture with all that a chart can have."""
    axis = Axis.stepped("<x>", 10, 5)
    chart = lines(
        "A & B",
        axis,
        axis,
        [Line("up", [(0, 0), (1 / 3, 1 / 7), (10, 99)])],
        shaded=(1, 2),
        marks=[Mark(3, "alarm")],
    )
    row = Bar("one", [(1, 0), (2, 1)], "3")
    return picture("all", [chart, bars("bars", ("a", "b"), [row], 3, left=210)])


def test_a_picture_is_well_formed_and_scales() -> None:
    """XML with a view box and no fixed size."""
    root = ET.fromstring(a_picture())  # noqa: S314 - our own text

    assert root.attrib["viewBox"] == "0 0 860 400"
    assert "width" not in root.attrib


def test_the_same_numbers_give_the_same_bytes() -> None:
    """Nothing of the clock, the machine or a hash gets in."""
    assert a_picture() == a_picture()


def test_points_beyond_the_axis_stay_in_the_picture() -> None:
    """A value above the end is drawn at the end."""
    assert "838,62" in a_picture()


def test_a_picture_is_legible_in_both_themes() -> None:
    """It brings its background along, and dark colours for dark systems."""
    drawn = a_picture()

    assert 'class="bg"' in drawn
    assert "prefers-color-scheme:dark" in drawn


def test_an_axis_has_a_tick_at_each_step_up_to_its_end() -> None:
    """Whole numbers have their thousands apart; the end need not be a tick."""
    assert Axis.stepped("n", 2_500, 1_000).ticks == [
        (0, "0"),
        (1_000, "1,000"),
        (2_000, "2,000"),
    ]
    assert Axis.stepped("x", 0.5, 0.25).ticks[1] == (0.25, "0.25")


def test_bars_are_drawn_closer_where_asked_for() -> None:
    """The height of a chart follows the pitch of its rows."""
    rows = [Bar("one", [(1, 0)], "1"), Bar("two", [(2, 0)], "2")]

    close, wide = (bars("b", (), rows, 2, left=0, pitch=n)[1] for n in (20, 30))

    assert wide - close == 20
