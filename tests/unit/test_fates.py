"""What is told of the mutants of policies."""

from integration.access.fates import Fate, table


def test_the_table_ends_with_the_survivors() -> None:
    """Unexplained ones before those that the matrix explains."""
    fates = [
        Fate("a", "", "nothing traces here"),
        Fate("b", ""),
        Fate("c", "POST answered 503", "outdated"),
    ]

    assert table(fates) == [
        "c  killed: POST answered 503",
        "b  SURVIVED: ",
        "a  survived, explained: nothing traces here",
        "1 survived, explained, 1 SURVIVED, 1 killed",
    ]
