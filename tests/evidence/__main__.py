"""``tox -e evidence``: write reports/index.html about what is in reports/."""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from evidence.layers import results
from evidence.page import page
from service.checkout import ROOT
from service.console import run_command

REPORTS = ROOT / "reports"


def main(argv: Sequence[str]) -> int:
    """Write the page; what it tells of may have failed."""
    argparse.ArgumentParser(
        prog="tox -e evidence",
        description="Writes reports/index.html: what the runs whose results are in "
        "reports/ have proven, layer by layer.",
    ).parse_args(argv)
    REPORTS.mkdir(exist_ok=True)
    html = page(results(REPORTS), REPORTS, _commit(), datetime.now(UTC))
    target = REPORTS / "index.html"
    target.write_text(html, encoding="utf-8")
    print(f"{target.relative_to(ROOT)} shows what was proven")
    return 0


def _commit() -> str:
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(run_command(main))
