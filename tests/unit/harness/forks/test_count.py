"""How many processes a run has."""

from argparse import ArgumentTypeError

import pytest

from harness.forks import count
from harness.forks.count import forks, parse
from unit import fresh_python
from unit.harness.forks.forked import PLUGIN

pytest_plugins = ["pytester"]
OPTIONS = ("--disable-plugin-autoload", "-p", PLUGIN, "--forks=2")
WATCHED = """
import sys

from harness.forks.count import is_watched

def say():
    print(is_watched())

say()
for look in sys.settrace, sys.setprofile:
    look(lambda *_: None)
    watched = is_watched()
    look(None)
    print(watched)
    say()
tools = sys.monitoring
for tool in tools.DEBUGGER_ID, tools.COVERAGE_ID, tools.PROFILER_ID:
    tools.use_tool_id(tool, "")
    say()
    tools.free_tool_id(tool)
    say()
"""


def test_as_many_processes_as_suits_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or as many as somebody says."""
    monkeypatch.setattr("os.process_cpu_count", lambda: 8)

    assert (parse("auto"), parse("3")) == (9, 3)
    with pytest.raises(ArgumentTypeError, match="'many' is neither a number nor auto"):
        parse("many")


@pytest.mark.parametrize(
    ("option", "processes"),
    [
        ("-v", 2),
        ("--pdb", 1),
        ("--trace", 1),
        ("--collect-only", 1),
        ("--setup-show", 1),
        ("--stepwise", 1),
    ],
)
def test_who_wants_to_see_what_happens_gets_one(
    pytester: pytest.Pytester, option: str, processes: int
) -> None:
    """Of several, nobody could tell what is whose."""
    config = pytester.parseconfig(*OPTIONS, option)

    assert forks(config) == processes


def test_so_does_who_counts_on_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Coverage would miss what runs elsewhere."""
    config = pytester.parseconfig(*OPTIONS)
    monkeypatch.setattr(count, "is_watched", lambda: True)

    assert forks(config) == 1


def test_in_whichever_way_it_looks() -> None:
    """In a process of its own: somebody may look at this one."""
    told = fresh_python.run(WATCHED)

    assert told.stdout.split() == ["False", *["True", "False"] * 5]
