"""``tox -e undecided``: the refunds that stay PENDING, and what is known of each."""

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from refunds.domain.model import UnavailableError, is_refund_id
from sam_harness.dlq.peek import told
from sam_harness.errors import HarnessError, UsageError, said_plainly
from service.console import run_command
from service.undecided_refunds import Case, Cases, cases_of
from service.undecided_sources import connect

_DESCRIPTION = """\
Show the refunds that have been PENDING for too long: age, what the payment gateway says
of each, the order's other refunds, and whether the Sweeper sends it again by itself.
With --send, send messages for some of them. Credentials come from where AWS's own tools
take them; for LocalStack give --endpoint-url and any credentials."""

_EPILOG = """\
Without --send it only reads. A message that is sent does no harm where another one
still exists: the table takes one decision, and the gateway is asked before an old
refund is paid.

exit status: 0 done; 1 something failed; 2 the call was wrong; 130 interrupted."""

_DURATION = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def main(argv: Sequence[str]) -> int:
    """Show, or send; returns 0, or raises HarnessError."""
    options = _parser().parse_args(argv)
    if not options.send and (
        options.yes or options.dry_run or options.although_made_without_key
    ):
        raise UsageError("name the refunds to send: --send ID…")
    try:
        with said_plainly():
            clients = connect(options.endpoint_url, options.region)
            cases = cases_of(clients, options.stack)
            if options.send:
                _send(cases, options)
            else:
                _show(cases, options)
    except UnavailableError as error:
        raise HarnessError(f"stack {options.stack}: {error}") from error
    return 0


def _show(cases: Cases, options: argparse.Namespace) -> None:
    wanted = options.older_than or cases.rule.overdue_after
    print(f"looking through the index of {options.stack}", file=sys.stderr)
    at = datetime.now(UTC)
    found = cases.older_than(wanted, at)
    shown = dict(list(found.items())[: options.limit])
    rest = f", the {len(shown)} oldest shown" if len(shown) < len(found) else ""
    number = f"{len(found)} refund{'s' * (len(found) != 1)}"
    print(f"{options.stack}: {number} undecided for more than {told(wanted)}{rest}")
    for case in cases.told(shown):
        _print(case, cases, at)


def _send(cases: Cases, options: argparse.Namespace) -> None:
    """Send messages for all refunds that were named, or for none."""
    at = datetime.now(UTC)
    chosen = list(cases.told(dict.fromkeys(options.send, 0)))
    for case in chosen:
        _print(case, cases, at)
    print(flush=True)
    refused = [
        f"{case.refund_id}: {problem}"
        for case in chosen
        if (
            problem := cases.refusal(
                case, at, without_key=options.although_made_without_key
            )
        )
    ]
    if refused:
        raise HarnessError("nothing was sent:\n  " + "\n  ".join(refused))
    if options.dry_run:
        print(f"would send {len(chosen)}")
        return
    if not options.yes:
        raise UsageError(f"nothing was sent: give --yes to send {len(chosen)}")
    for case in chosen:
        cases.send(case)
        print(f"sent {case.refund_id}", flush=True)


def _print(case: Case, cases: Cases, at: datetime) -> None:
    refund = case.refund
    print(f"\n{case.refund_id}")
    if refund is None:
        print("  there is no such refund")
        return
    request = refund.request
    print(
        f"  order {request.order_id}, {request.amount:f} {cases.currency}, "
        f"{refund.status}, accepted {told(at - refund.created_at)} ago"
        + (f", sent again {_times(case.resends)}" if case.resends else "")
    )
    print(f"  gateway: {case.gateway}")
    if not refund.made_with_key:
        print(f"  client: {case.promise}")
    for other in case.others:
        print(
            f"  same order: {other.refund_id}, {other.request.amount:f} "
            f"{cases.currency}, {other.status}, {told(at - other.created_at)} old"
        )
    if not case.others:
        print("  same order: no other refund")
    if case.is_undecided:
        hindrance = cases.rule.hindrance(case.as_undecided(), at)
        print(f"  sent by the Sweeper: {f'no, {hindrance}' if hindrance else 'yes'}")


def _times(number: int) -> str:
    return f"{number} time{'s' * (number != 1)}"


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text}: a duration such as 90s, 30m, 1h, 2d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _refund_id(text: str) -> str:
    if not is_refund_id(text):
        raise argparse.ArgumentTypeError(f"{text}: not a refundId")
    return text


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: a number of 1 or more is needed")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tox -e undecided --",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stack", required=True, help="name of the stack")
    parser.add_argument(
        "--older-than",
        type=_duration,
        metavar="AGE",
        help="90s, 30m, 1h, 2d; default: the stack's UndecidedAfterMinutes",
    )
    parser.add_argument(
        "--limit", type=_positive, default=100, help="most refunds to show (100)"
    )
    parser.add_argument(
        "--send", nargs="+", type=_refund_id, metavar="ID", help="send these again"
    )
    parser.add_argument("--yes", action="store_true", help="really send")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be sent, send nothing"
    )
    parser.add_argument(
        "--although-made-without-key",
        action="store_true",
        help="also refunds that were made without an Idempotency-Key: only if the "
        "client was told 202 and has not asked for another refund instead",
    )
    parser.add_argument("--endpoint-url", help="LocalStack's URL; AWS when not given")
    parser.add_argument("--region", help="default: as configured for AWS's tools")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
