"""``python -m performance``: measure, show, judge; ``tox -e bench`` calls it."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from harness.environments import ROOT
from harness.errors import HarnessError
from performance import check, document, measure, results, stub_client, subjects
from performance.regressions import all_are_noticed
from performance.show import table

REPORT = ROOT / "reports" / "performance.json"


def main() -> int:
    """Return 0 when every gate holds, 1 when one fails, 2 when nothing was measured."""
    arguments = _parser().parse_args()
    if arguments.rewrite_docs:
        document.write()
        return 0
    console = Console(stderr=True)
    try:
        if arguments.regressions:
            return all_are_noticed(console)
        found, about = run(arguments, console)
    except HarnessError as error:
        console.print(f"bench: {error}", markup=False, style="red")
        return 2
    except KeyboardInterrupt:
        console.print("bench: interrupted")
        return 130
    results.save(found, about, REPORT)
    Console().print(table(found))
    if arguments.write_docs:
        results.save(found, about, document.STORED)
        document.write()
    judged = results.verdicts(found)
    for verdict in judged:
        console.print(str(verdict), style="green" if verdict.holds else "bold red")
    return 0 if all(verdict.holds for verdict in judged) else 1


def run(
    arguments: argparse.Namespace,
    console: Console,
    template: Path = ROOT / "template.yaml",
) -> tuple[results.Results, dict[str, object]]:
    """Build, check and measure all subjects; ``template`` is ours."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        console.status("building the subjects") as status,
    ):
        scratch = Path(folder)
        built = subjects.build(scratch, template)
        with stub_client.running(scratch) as stub:
            status.update("comparing their answers")
            check.all_alike(built, stub, scratch)
            samples = measure.measure(
                measure.Bench(built, stub, scratch),
                arguments.cold_rounds,
                arguments.warm_rounds,
                lambda text: status.update(f"measuring, {text}"),
            )
    for subject in built:
        samples["artefact_size"][subject.name].append(subject.zip_bytes)
    about = {
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "coldProcesses": arguments.cold_rounds,
    }
    return results.summarise(samples), about


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tox -e bench --",
        description="Measure the functions against peer_usual and floor; fails when a "
        f"gate fails. The figures: {REPORT.relative_to(ROOT)}.",
    )
    parser.add_argument(
        "--cold-rounds", type=int, default=measure.COLD_ROUNDS, metavar="N",
        help="fresh processes of each subject and kind of cold start (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--warm-rounds", type=int, default=measure.WARM_ROUNDS, metavar="N",
        help="processes of each subject for the warm figures (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--write-docs", action="store_true",
        help="put these figures into docs/performance.md and its picture",
    )  # fmt: skip
    parser.add_argument(
        "--rewrite-docs", action="store_true",
        help="write docs/performance.md anew from the figures that it shows",
    )  # fmt: skip
    parser.add_argument(
        "--regressions", action="store_true",
        help="make our functions worse in three ways; each must fail a gate",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
