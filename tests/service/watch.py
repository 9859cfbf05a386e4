"""``make watch``: as ``make local``, and what changes on disk goes live at once."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.markup import escape

from sam_harness.emulator.emulator import DEFAULT_ACCOUNT
from service.checkout import ROOT, TEMPLATE
from service.console import run_command
from service.follower import Follower, Outcome
from service.live_stack import LiveStack, Place
from service.local import goes_on, port_of, publish, staying_up
from service.running import Running

GUIDE = """\
Watching template.yaml and src/: what you save goes live; what is broken does not, and
the last good version keeps serving. Ctrl-C stops everything."""
LINES = 12  # of an error; the log has the rest


def main(argv: Sequence[str]) -> int:
    """Run until interrupted; 0 is returned when that was Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="make watch",
        description="Deploys the refund service as `make local` does and keeps it up "
        "to date: a change under src/ serves within seconds, once every changed "
        "function has started; a change of template.yaml updates the stack. A broken "
        "change is reported, and the last good version keeps serving.",
    )
    port = port_of(parser, argv)
    starter = os.getppid()
    console = Console(soft_wrap=True)
    with staying_up(console, port) as service:
        console.print(GUIDE)
        try:
            _follow(service, console, starter)
        except KeyboardInterrupt:
            print("\nstopping …", file=sys.stderr)
    return 0


def live_stack(service: Running) -> LiveStack:
    """Return the running stack as one that follows its files."""
    place = Place(
        TEMPLATE,
        service.deployed.name,
        service.parameters,
        DEFAULT_ACCOUNT,
        service.emulator.region,
    )
    client = service.emulator.session().client("lambda")
    return LiveStack(
        place, service.deployer, client, service.artefact, service.deployed
    )


def _follow(service: Running, console: Console, starter: int) -> None:
    def step(text: str) -> None:
        console.print(f"          [dim]{escape(text)} …[/]", highlight=False)

    live = live_stack(service)
    follower = Follower(TEMPLATE, live, step)
    for outcome in follower.outcomes(partial(goes_on, service, starter)):
        if outcome.applied.whole_stack:
            publish(service.with_stack(live.stack))
        for line in lines(outcome):
            console.print(line, highlight=False)


def lines(outcome: Outcome) -> list[str]:
    """Return what a user reads of one change, as rich's markup."""
    now = time.strftime("%H:%M:%S")
    changed = escape(outcome.changed or "since the start")
    took = f"{outcome.took_s:.1f} s"
    if outcome.problem:
        told = outcome.problem.replace(f"{ROOT}/", "").splitlines()
        cut = [f"… {len(told) - LINES} more lines"] if len(told) > LINES else []
        serving = (
            "the stack is damaged: repair the change, or start `make watch` again"
            if outcome.is_damaged
            else "the last good version keeps serving"
        )
        return [
            f"{now}  [red]broken[/]  {changed}: after {took}; {serving}",
            *(f"          {escape(line)}" for line in [*told[:LINES], *cut]),
        ]
    if outcome.applied.whole_stack:
        what = "the stack is updated"
    else:
        what = ", ".join(outcome.applied.functions) or "nothing to do, it is what runs"
    return [f"{now}  [green]live[/]    {changed}: in {took} ({what})"]


if __name__ == "__main__":
    sys.exit(run_command(main))
