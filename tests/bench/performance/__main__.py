"""``python -m performance``: measure, show, judge; ``tox -e bench`` calls it."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bench.performance import (
    check,
    document,
    measure,
    parts,
    regressions,
    results,
    stub_client,
    subjects,
)
from bench.performance.progress import Say, saying
from bench.performance.show import table
from harness.environments import ROOT
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 100  # of the table, where there is no terminal
REPORT = ROOT / "reports" / "performance.json"
# What may be done instead of measuring all subjects.
_INSTEAD = {
    "--parts": "measure the pieces of our own function instead",
    "--regressions":
        "make our functions worse in three ways instead; each must fail a gate",
    "--rewrite-docs":
        "only write docs/performance.md anew from the figures that it shows",
}  # fmt: skip


def main() -> int:
    """Return 0 when every gate holds, 1 when one fails, 2 when nothing was measured."""
    arguments = _parser().parse_args()
    if arguments.rewrite_docs:
        document.write()
        return 0
    console = Console(stderr=True)
    try:
        with saying(console) as say:
            if arguments.parts:
                return _parts(arguments, say)
            if arguments.regressions:
                return _regressions(arguments, console, say)
            found, about = run(arguments, say)
    except HarnessError as error:
        console.print(f"bench: {error}", markup=False, style="red")
        return 2
    except KeyboardInterrupt:
        console.print("bench: interrupted")
        return 130
    results.save(found, about, REPORT)
    Console(width=WIDTH if not sys.stdout.isatty() else None).print(table(found))
    if arguments.write_docs:
        results.save(found, about, document.STORED)
        document.write()
    judged = results.verdicts(found)
    for verdict in judged:
        console.print(str(verdict), style="green" if verdict.holds else "bold red")
    return 0 if all(verdict.holds for verdict in judged) else 1


def run(
    arguments: argparse.Namespace, say: Say
) -> tuple[results.Results, dict[str, object]]:
    """Build, check and measure all subjects."""
    with _ready(say) as bench:
        say("comparing their answers")
        check.all_alike(bench.built, bench.stub, bench.scratch)
        samples = measure.measure(
            bench, arguments.cold_rounds, arguments.warm_rounds, say
        )
        for subject in bench.built:
            samples["artefact_size"][subject.name].append(subject.zip_bytes)
    about = {
        "at": _now(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "coldProcesses": arguments.cold_rounds,
    }
    return results.summarise(samples), about


def _parts(arguments: argparse.Namespace, say: Say) -> int:
    with _ready(say) as bench:
        found = parts.measure(
            bench.built[0], bench.stub, bench.scratch, parts.ROUNDS, say
        )
    for row in parts.rows(found):
        print(" ".join(row))
    if arguments.write_docs:
        stored = {"at": _now(), "rounds": parts.ROUNDS, "medians": found}
        results.store(document.STORED, {"parts": stored})
        document.write()
    return 0


def _regressions(arguments: argparse.Namespace, console: Console, say: Say) -> int:
    ratios = regressions.measured(say)
    verdicts = regressions.verdicts(ratios)
    for name, verdict in verdicts.items():
        said = "NOT NOTICED" if verdict.holds else "noticed"
        console.print(f"{name}: {said} ({verdict})", soft_wrap=True)
    if any(verdict.holds for verdict in verdicts.values()):
        return 1
    if arguments.write_docs:
        stored = {"at": _now(), "measured": ratios}
        results.store(document.STORED, {"regressions": stored})
        document.write()
    return 0


@contextmanager
def _ready(say: Say) -> Iterator[measure.Bench]:
    """Build all subjects, and run the stub until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        say("building the subjects")
        built = subjects.build(Path(folder))
        with stub_client.running(Path(folder)) as stub:
            yield measure.Bench(built, stub, Path(folder))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="minutes")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tox -e bench --",
        description="Measure the functions against peer_usual and floor; fails when a "
        f"gate fails. The figures: {REPORT.relative_to(ROOT)}.",
    )
    for figures, default, processes in (
        ("cold", measure.COLD_ROUNDS, "fresh processes"),
        ("warm", measure.WARM_ROUNDS, "processes"),
    ):
        parser.add_argument(
            f"--{figures}-rounds", type=int, default=default, metavar="N",
            help=f"{processes} of each subject for the {figures} figures (%(default)s)",
        )  # fmt: skip
    parser.add_argument(
        "--write-docs", action="store_true",
        help="put these figures into docs/performance.md and its picture",
    )  # fmt: skip
    instead = parser.add_mutually_exclusive_group()
    for option, does in _INSTEAD.items():
        instead.add_argument(option, action="store_true", help=does)
    return parser


if __name__ == "__main__":
    sys.exit(main())
