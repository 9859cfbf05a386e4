"""``tox -e scale``: writes docs/scale.md and its pictures, or checks them.

tox -e scale                        write the page
tox -e scale -- --check             fail where the page is not what would be written
tox -e scale -- --check-local       load the local stack, compare with the simulation
tox -e scale -- --check-local --keep    and keep what was measured, for the page
"""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from bench.scale import page
from bench.scale.local_check import check_local
from bench.scale.local_prediction import KEPT, keep
from sam_harness.errors import HarnessError
from service.console import Progress, run_command


def main(argv: Sequence[str]) -> int:
    """Write the page, check it, or compare the simulation with the local stack."""
    parser = argparse.ArgumentParser(
        prog="tox -e scale --",
        description="Simulate the refund service at 10, 1,000 and 20,000 refunds per "
        "second and write docs/scale.md with its pictures.",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--check", action="store_true", help="write nothing; 1 where the page is stale"
    )
    which.add_argument(
        "--check-local",
        action="store_true",
        help="compare the simulation with a load on LocalStack: about three minutes",
    )
    parser.add_argument(
        "--keep", action="store_true", help="with --check-local: keep what was measured"
    )
    given = parser.parse_args(argv)
    if given.keep and not given.check_local:
        parser.error("--keep needs --check-local")
    with Progress(Console()) as progress:
        if given.check_local:
            return _check_local(progress, kept=given.keep)
        return _page(progress, check=given.check)


def _check_local(progress: Progress, *, kept: bool) -> int:
    measured = check_local(progress.step)
    progress.close()
    print(page.compared(measured.comparisons))
    wrong = [one.what for one in measured.comparisons if not one.fits]
    if wrong:
        raise HarnessError(f"outside the tolerance: {', '.join(wrong)}")
    if kept:
        keep(measured)
        print(f"kept in {KEPT.name}: `tox -e scale` writes it into the page")
    return 0


def _page(progress: Progress, *, check: bool) -> int:
    written = page.render(progress.step)
    progress.close()
    if not check:
        for path, text in written.items():
            path.write_text(text)
        print(f"wrote {page.PATH.name} and {len(written) - 1} pictures")
        return 0
    stale = [
        path.name
        for path, text in written.items()
        if not path.exists() or path.read_text() != text
    ]
    if stale:
        raise HarnessError(f"{', '.join(stale)}: out of date; run `tox -e scale`")
    print(f"{page.PATH.name} and its pictures are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
