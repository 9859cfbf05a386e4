"""Numbers and tables as the written pages show them."""

from bench.markdown import table, three_digits


def test_measured_numbers_have_three_digits() -> None:
    """More digits would pretend to be exact."""
    assert [three_digits(value) for value in (1234.5, 12.345, 0.12345)] == [
        "1234",
        "12.3",
        "0.123",
    ]


def test_a_table_of_numbers_is_aligned_right_after_its_first_column() -> None:
    """Digits stand below digits; words stay left."""
    assert table(("what", "ms"), [("cold", 4)], numbers=True) == (
        "| what | ms |\n| --- | ---: |\n| cold | 4 |"
    )
