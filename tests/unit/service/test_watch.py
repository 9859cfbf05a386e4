"""What `make watch` says of a change."""

from rich.text import Text

from service.checkout import ROOT
from service.follower import Outcome
from service.live_stack import Applied
from service.watch import lines


def _said(outcome: Outcome) -> list[str]:
    return [Text.from_markup(line).plain for line in lines(outcome)]


def test_what_went_live_is_one_line() -> None:
    """What changed, how long it took, which functions."""
    applied = Applied(("ReceiverFunction", "ReaderFunction"))

    (line,) = _said(Outcome("src/refunds/http/body.py", applied, "", 1.26))

    assert line[10:] == (
        "live    src/refunds/http/body.py: in 1.3 s (ReceiverFunction, ReaderFunction)"
    )


def test_a_problem_is_told_below_with_its_place_in_the_checkout() -> None:
    """Brackets in it are no markup."""
    problem = f"{ROOT}/src/refunds/http/body.py:3:7: SyntaxError: '[' was never closed"

    first, second = _said(Outcome("src/refunds/http/body.py", Applied(), problem, 0.2))

    assert first.endswith("after 0.2 s; the last good version keeps serving")
    assert (
        second.strip()
        == "src/refunds/http/body.py:3:7: SyntaxError: '[' was never closed"
    )


def test_a_long_problem_is_cut() -> None:
    """It must not push the earlier changes out of sight."""
    problem = "\n".join(f"line {number}" for number in range(40))

    said = _said(Outcome("template.yaml", Applied(), problem, 0.2))

    assert len(said) == 14
    assert said[-1].strip() == "… 28 more lines"


def test_a_damaged_stack_is_not_said_to_serve() -> None:
    """LocalStack cannot undo every update that failed halfway."""
    first, _ = _said(Outcome("template.yaml", Applied(), "x", 9, is_damaged=True))

    assert "the stack is damaged: repair the change" in first
