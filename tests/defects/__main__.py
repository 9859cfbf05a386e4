"""``tox -e seeded-defects``: which step of the pipeline stops which mistake."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from defects import seeded
from defects.pipeline import STEPS, Stop, first_stop
from defects.seeded import Defect
from sam_harness.errors import HarnessError
from service.checkout import ROOT
from service.console import Progress, run_command

LOGS = ROOT / "reports" / "seeded-defects"


def main(argv: Sequence[str]) -> int:
    """Return 0 if every defect was stopped by the step that is to stop it."""
    parser = argparse.ArgumentParser(
        prog="tox -e seeded-defects --",
        description="Seeds one mistake after the other into a copy of this checkout "
        f"and runs the pipeline on it ({', '.join(STEPS)}) until a step says no; "
        "before that, once without a mistake. "
        "Half an hour for all; each step's last words are kept in "
        f"{LOGS.relative_to(ROOT)}.",
    )
    parser.add_argument("name", nargs="*", help="only these of defects.yaml")
    defects = seeded.chosen(parser.parse_args(argv).name)
    LOGS.mkdir(parents=True, exist_ok=True)
    console = Console(soft_wrap=True)
    table = Table("what went wrong", "defect", "stopped by", box=SIMPLE)
    table.add_column("after", no_wrap=True)
    astray = 0
    with Progress(console) as progress:
        _check_control(progress)
        for defect in defects:
            steps = (defect.asked,) if defect.asked else STEPS
            stop = _stopped(defect.name, defect.seed, progress, steps)
            expected = stop is not None and stop.step == defect.stopped_by
            astray += not expected
            table.add_row(*_row(defect, stop))
    console.print(table)
    return 1 if astray else 0


def _check_control(progress: Progress) -> None:
    """Take the whole pipeline without a defect: a broken one would stop them all."""
    if stop := _stopped("control", lambda _: None, progress):
        raise HarnessError(
            f"without any defect {stop.step} fails already: {LOGS / 'control.log'}"
        )


def _stopped(
    name: str,
    seed: Callable[[Path], None],
    progress: Progress,
    steps: Sequence[str] = STEPS,
) -> Stop | None:
    with tempfile.TemporaryDirectory(prefix="refunds-defect-") as directory:
        checkout = Path(directory)
        seeded.copy_checkout(checkout)
        seed(checkout)
        stop = first_stop(
            checkout, lambda step: progress.step(f"{name}: {step}"), steps
        )
    progress.step(f"{name}: stopped by {stop.step if stop else 'nothing'}")
    if stop:
        (LOGS / f"{name}.log").write_text(stop.output)
    return stop


def _row(defect: Defect, stop: Stop | None) -> tuple[str, str, str, str]:
    step = stop.step if stop else "NOTHING"
    if step != defect.stopped_by:
        step += f", not {defect.stopped_by}"
    return (defect.kind, defect.name, step, f"{stop.elapsed_s:.0f} s" if stop else "")


if __name__ == "__main__":
    sys.exit(run_command(main))
