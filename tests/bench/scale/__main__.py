"""``tox -e scale``: writes docs/scale.md and its pictures, or checks them.

tox -e scale                        write the page
tox -e scale -- --check             fail where the page is not what would be written
tox -e scale -- --check-local       load the local stack, compare with the simulation
tox -e scale -- --check-local --keep    and keep what was measured, for the page
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console

from harness.errors import HarnessError
from refund_stack.console import Progress, run_command
from scale import measured, page
from scale.local_check import check_local
from scale.tell_local import compared


def main(argv: Sequence[str]) -> int:
    """Do one of the three; 1 is returned where a check fails."""
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
            return _check_local(progress, keep=given.keep)
        return _page(progress, check=given.check)


def _check_local(progress: Progress, *, keep: bool) -> int:
    checked = check_local(progress.step)
    progress.close()
    print(compared(checked.comparisons))
    wrong = [one.what for one in checked.comparisons if not one.fits]
    if wrong:
        raise HarnessError(f"outside the tolerance: {', '.join(wrong)}")
    if keep:
        measured.keep(
            measured.Measured(
                datetime.now(UTC).date().isoformat(),
                checked.took.decided_s,
                checked.took.refused_s,
                checked.log_bytes_per_refund,
                checked.comparisons,
            )
        )
        print(f"kept in {measured.PATH.name}: `tox -e scale` writes it into the page")
    return 0


def _page(progress: Progress, *, check: bool) -> int:
    written = page.render(progress.step)
    progress.close()
    if not check:
        for path, text in written.items():
            path.write_text(text)
        print(f"wrote {page.PATH.name} and {len(written) - 1} pictures")
        return 0
    stale = [path.name for path, text in written.items() if page.differs(path, text)]
    if stale:
        raise HarnessError(f"{', '.join(stale)}: out of date; run `tox -e scale`")
    print(f"{page.PATH.name} and its pictures are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
