"""What is enumerated: every call, every fault; and that nothing is passed over."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml

from faults import report
from faults.cells import CALLS, STARTS, TIMES, Cell, chosen, enumerated, pairs
from faults.deliveries import SCENARIOS
from faults.scenarios import Finding, failing
from sam_harness.errors import UsageError
from service.checkout import TEMPLATE

CELLS = enumerated(tuple(SCENARIOS))
A_CELL = Cell(CALLS[0], CALLS[0].faults[0], "once", "cold")


def test_each_cell_has_a_name_of_its_own() -> None:
    """The name is what the command line reproduces it by."""
    both = [*CELLS, *pairs(200)]

    assert len({cell.name for cell in both}) == len(both)
    assert chosen(both, [both[-1].name]) == [both[-1]]


def test_beginning_of_a_name_chooses_all_that_begin_so() -> None:
    """Only at a slash: GET is not GetItem."""
    found = chosen(CELLS, ["processor.GET"])

    assert len(found) == len(TIMES) * len(STARTS) * len(_call("GET").faults)


def test_unknown_cell_is_a_mistake_of_the_user() -> None:
    """The message lists what there is: calls, or what can happen to this one."""
    with pytest.raises(
        UsageError, match=r"receiver\.Put; there are: receiver\.PutItem"
    ):
        chosen(CELLS, ["receiver.Put"])
    with pytest.raises(UsageError, match=r"there are: reader\.Query/throttled, "):
        chosen(CELLS, ["reader.Query/thrttled"])


def test_each_operation_of_the_artefact_is_failed() -> None:
    """What the functions may call is listed in the template; none is left out."""
    template = yaml.load(TEMPLATE.read_text(), Loader=_Loose)  # noqa: S506 - tags only
    kept = template["Metadata"]["Harness"]["BotocoreServices"]
    operations = {name for names in kept.values() for name in names}

    assert operations - {call.operation for call in CALLS} == set()


def test_fault_that_no_call_meets_is_a_violation() -> None:
    """A cell that could not be tried has not passed."""
    broken: list[str] = []
    wire = SimpleNamespace(met=0, inject=_nothing, heal=_nothing)
    stage = cast("Any", SimpleNamespace(world=SimpleNamespace(wire=wire)))
    watch = cast("Any", SimpleNamespace(breaks=lambda *what: broken.extend(what)))

    with failing(stage, A_CELL, A_CELL, watch, cast("Any", None)):
        pass

    assert broken == ["the fault was met", "receiver.PutItem was never called"]


def test_violated_cell_is_told_with_the_command_that_reproduces_it() -> None:
    """It can be copied as it is."""
    two = replace(A_CELL, then=A_CELL)
    told = report.whole(
        {cell: Finding("repeated", ("a clause: broken",)) for cell in (A_CELL, two)}
    )

    assert f"faults -- --only {A_CELL.name}`" in told
    assert f"faults -- --long --only {two.name}`" in told
    assert "2 cells, 2 violated" in told


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_page_of_the_promise_tells_of_these_cells(call: Any) -> None:  # noqa: ANN401 - Call
    """Fails where a call or a fault was added since: `tox -e faults -- --write`."""
    begins = f"| {call.name} | {len(call.faults)} | {call.cells} |"

    assert begins in report.PAGE.read_text()


def _call(operation: str) -> Any:  # noqa: ANN401 - Call
    return next(call for call in CALLS if call.operation == operation)


def _nothing(*_: object) -> None:
    pass


class _Loose(yaml.SafeLoader):
    """Reads CloudFormation's tags as nothing."""


_ignored: Callable[..., None] = _nothing
_Loose.add_multi_constructor("!", _ignored)
