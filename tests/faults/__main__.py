"""``tox -e faults``: fails every call in every way, and checks the promise."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from rich.console import Console

from faults import report
from faults.cells import AnyCell, chosen, enumerated, pairs
from faults.deliveries import SCENARIOS
from faults.running import run_all
from faults.scenarios import Finding
from sam_harness.errors import HarnessError
from service.checkout import ROOT
from service.console import Progress, run_command

_LOG = ROOT / "reports" / "faults.log"
_STEPS = 10
_PAIRS, _EXAMPLES = 1000, 5000
_MODEL = "tests/unit/protocol"


def main(argv: Sequence[str]) -> int:
    """Return 0 if no cell broke the promise, and the page tells what was found."""
    parser = argparse.ArgumentParser(
        prog="tox -e faults --",
        description="Fails every call between the functions and the world in every way "
        "(docs/promise.md), repeats and redrives, and checks the promise clause by "
        f"clause. The table of outcomes is {report.REPORT.relative_to(ROOT)}.",
    )
    parser.add_argument(
        "--only",
        metavar="CELL",
        action="append",
        default=[],
        help="this cell, or all whose names begin like this, such as receiver.PutItem "
        f"or delivery/late; the functions' output is {_LOG.relative_to(ROOT)}",
    )
    parser.add_argument(
        "--first", action="store_true", help="stop at the first cell that is violated"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the outcomes into docs/promise.md"
    )
    parser.add_argument(
        "--long",
        action="store_true",
        help=f"also {_PAIRS} cells of two faults in a row, and the protocol's model "
        f"with {_EXAMPLES} examples (half an hour)",
    )
    parser.add_argument(
        "--worst-day",
        action="store_true",
        help="instead: 2,000 refunds on an embedded LocalStack, with a gateway that "
        "forgets keys, hangs after paying, replays errors, rotates its secret (6 min)",
    )
    given = parser.parse_args(argv)
    if given.write and (given.only or given.long):
        parser.error("--write needs all cells and no more: leave --only and --long out")
    if given.worst_day:
        return _worst_day()
    every = enumerated(tuple(SCENARIOS)) + (pairs(_PAIRS) if given.long else [])
    cells = chosen(every, given.only)
    if given.long and not given.only:
        _try_the_model()
    findings = _run(cells, first=given.first, logged=bool(given.only))
    violated = report.broken(findings)
    for cell, finding in violated.items():
        print(f"VIOLATED {cell.name}: {'; '.join(finding.broken)}")
        print(f"    {report.command(cell)}")
    print(f"{len(findings)} cells, {len(violated)} violated: see {report.REPORT}")
    if violated:
        return 1
    if not given.only and not given.long:
        _page(findings, write=given.write)
    return 0


def _try_the_model() -> None:
    """Let pytest say what it finds: a failure is told as a story."""
    print(f"the model of the protocol, with {_EXAMPLES} examples", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:hypothesispytest", _MODEL],
        cwd=ROOT,
        env={**os.environ, "PROTOCOL_EXAMPLES": str(_EXAMPLES)},
        check=False,
    )
    if done.returncode:
        raise HarnessError("the model of the protocol breaks the promise: see above")


def _worst_day() -> int:
    from faults import worst_day  # noqa: PLC0415 - what it needs, cells do not

    with Progress(Console(soft_wrap=True)) as progress:
        told = worst_day.live_through(progress.step, _LOG.with_name("worst-day.log"))
    print(told)
    for one in told.broken:
        print(f"VIOLATED {one}")
    return 1 if told.broken else 0


def _run(
    cells: Sequence[AnyCell], *, first: bool, logged: bool
) -> dict[AnyCell, Finding]:
    report.REPORT.parent.mkdir(exist_ok=True)
    if logged:
        _LOG.unlink(missing_ok=True)
    findings: dict[AnyCell, Finding] = {}
    violated = 0
    with Progress(Console(soft_wrap=True)) as progress:
        progress.step(f"{len(cells)} cells")
        for cell, finding in run_all(cells, _LOG if logged else None):
            findings[cell] = finding
            violated += bool(finding.broken)
            if len(findings) * _STEPS % len(cells) < _STEPS:
                progress.step(f"{len(findings)} of {len(cells)}, {violated} violated")
            if violated and first:
                break
    report.REPORT.write_text(report.whole(findings))
    return findings


def _page(findings: dict[AnyCell, Finding], *, write: bool) -> None:
    text = report.short(findings)
    if write:
        report.PAGE.write_text(report.page_with(text))
        return
    differing = report.other_cells_on_page(text)
    if differing:
        raise HarnessError(
            f"{report.PAGE.name} tells of other cells ({', '.join(differing)}): run "
            "`tox -e faults -- --write`"
        )
    # What it took to repair a cell depends a little on how busy the machine is.
    if text not in report.PAGE.read_text():
        print(f"{report.PAGE.name} tells of other outcomes, none of them a violation")


if __name__ == "__main__":
    sys.exit(run_command(main))
