"""``tox -e load``: three loads on one local stack, and a page about them."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console

from load.observed import Observed
from load.page import page
from load.plan import ENDURANCE, SCENARIOS
from load.run import Load
from load.verdict import broken, leaks
from service.checkout import ROOT
from service.client import RefundClient
from service.console import Progress, run_command
from service.running import running

REPORTS = ROOT / "reports" / "load"


def main(argv: Sequence[str]) -> int:
    """Run all loads; returns 1 when an invariant is broken."""
    parser = argparse.ArgumentParser(
        prog="tox -e load",
        description="Puts the refund service on an embedded LocalStack under three "
        "loads (steady, a burst, a burst with an outage of the payment gateway) and "
        "writes reports/load/index.html. All accepted refunds have to be decided, and "
        "none may be paid twice. It takes two minutes.",
    )
    parser.add_argument(
        "--endurance",
        action="store_true",
        help="5,500 refunds instead, for what the emulator keeps of each (20 min)",
    )
    scenarios = ENDURANCE if parser.parse_args(argv).endurance else SCENARIOS
    console = Console()
    REPORTS.mkdir(parents=True, exist_ok=True)
    with (
        Progress(console) as progress,
        running(
            "refunds-load",
            log_path=REPORTS / "localstack.log",
            on_progress=progress.step,
        ) as service,
    ):
        warm_up = RefundClient(service.stack)
        refund_id = warm_up.post("WARM-UP", "1.00").json()["refundId"]
        warm_up.wait_until_decided(refund_id)
        load = Load(service, progress.step)
        runs = []
        for scenario in scenarios:
            progress.step(f"{scenario.name}: {scenario.duration_s:g} s of requests")
            runs.append(load.run(scenario))
        progress.step("stopping")
    problems = [*(fault for run in runs for fault in broken(run)), *leaks(runs)]
    _write(runs, problems)
    for fault in problems:
        console.print(f"[red]{fault}[/]")
    console.print(f"{(REPORTS / 'index.html').relative_to(ROOT)} shows how it went")
    return 1 if problems else 0


def _write(runs: Sequence[Observed], problems: Sequence[str]) -> None:
    processors = os.process_cpu_count() or 1
    html = page(runs, problems, processors, datetime.now(UTC))
    (REPORTS / "index.html").write_text(html, encoding="utf-8")
    facts = {"problems": list(problems), "runs": [asdict(run) for run in runs]}
    (REPORTS / "load.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(run_command(main))
