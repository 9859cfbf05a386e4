"""``make local``: the refund stack stays up until Ctrl-C, ready for curl."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from math import inf
from operator import not_

from rich.console import Console

from harness.polling import wait_until
from refund_stack.console import run_command
from refund_stack.staying_up import LOOK_S, goes_on, port_of, staying_up


def main(argv: Sequence[str]) -> int:
    """Run until interrupted; 0 is returned when that was Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="make local",
        description="Deploys the refund service to a LocalStack without Docker and "
        "keeps it running until Ctrl-C. While it runs, .local/stack.env (for a "
        "shell) and .local/stack.json say where everything is.",
    )
    port = port_of(parser, argv)
    starter = os.getppid()
    with staying_up(Console(soft_wrap=True), port) as service:
        print("Ctrl-C stops everything.")
        try:
            wait_until(
                partial(goes_on, service, starter),
                not_,
                what="the end of LocalStack",
                timeout_s=inf,
                poll_s=LOOK_S,
            )
        except KeyboardInterrupt:
            print("\nstopping …", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
