"""``tox -e bench``: measures the functions, shows the figures, judges the gates."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench.performance import cases, measure, page, parts, regressions, results
from sam_harness.errors import HarnessError
from service.checkout import ROOT
from service.console import Progress, run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.performance.results import Results

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


def main(argv: Sequence[str]) -> int:
    """Return 0 when every gate holds, 1 when one fails, 2 when nothing was measured."""
    arguments = _parser().parse_args(argv)
    if arguments.rewrite_docs:
        page.write()
        return 0
    try:
        with (
            Progress(Console(stderr=True)) as progress,
            tempfile.TemporaryDirectory(prefix="bench-") as folder,
        ):
            if arguments.regressions:
                return _regressions(arguments, Path(folder), progress)
            progress.step("building the subjects")
            with measure.ready(Path(folder)) as bench:
                run = _parts if arguments.parts else _all
                return run(arguments, bench, progress)
    except HarnessError as error:
        error.exit_status = 2
        raise


def _all(
    arguments: argparse.Namespace, bench: measure.Bench, progress: Progress
) -> int:
    progress.step("comparing their answers")
    cases.all_alike(bench.built, bench.stub, bench.scratch)
    samples = measure.measure(
        bench, arguments.cold_rounds, arguments.warm_rounds, progress.step
    )
    for subject in bench.built:
        samples["artefact_size"][subject.name].append(subject.zip_bytes)
    progress.close()
    found, about = results.summarise(samples), _about(arguments.cold_rounds)
    results.save(found, about, REPORT)
    _show(found)
    if arguments.write_docs:
        results.save(found, about, page.STORED)
        page.write()
    return _judge(results.verdicts(found))


def _about(cold_rounds: int) -> dict[str, object]:
    return {
        "at": _now(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "coldProcesses": cold_rounds,
    }


def _show(found: Results) -> None:
    shown = Table(*page.COLUMNS, title="medians of interleaved runs; less is better")
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in page.rows(found):
        shown.add_row(*row)
    Console(width=None if sys.stdout.isatty() else WIDTH).print(shown)


def _judge(verdicts: list[results.Verdict]) -> int:
    console = Console(stderr=True)
    for verdict in verdicts:
        console.print(str(verdict), style="green" if verdict.holds else "bold red")
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _parts(
    arguments: argparse.Namespace, bench: measure.Bench, progress: Progress
) -> int:
    found = parts.measure(bench, parts.ROUNDS, progress.step)
    progress.close()
    for row in parts.rows(found):
        print(" ".join(row))
    stored = {"at": _now(), "rounds": parts.ROUNDS, "medians": found}
    return _keep(arguments, {"parts": stored})


def _regressions(
    arguments: argparse.Namespace, scratch: Path, progress: Progress
) -> int:
    ratios = regressions.measured(scratch, progress.step)
    progress.close()
    verdicts = regressions.verdicts(ratios)
    for name, verdict in verdicts.items():
        said = "NOT NOTICED" if verdict.holds else "noticed"
        print(f"{name}: {said} ({verdict})", file=sys.stderr)
    if any(verdict.holds for verdict in verdicts.values()):
        return 1
    return _keep(arguments, {"regressions": {"at": _now(), "measured": ratios}})


def _keep(arguments: argparse.Namespace, section: dict[str, object]) -> int:
    if arguments.write_docs:
        results.store(page.STORED, section)
        page.write()
    return 0


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
    sys.exit(run_command(main))
