"""``python -m harness emulator``: the LocalStack that ``--keep-emulator`` keeps."""

import argparse

from harness.emulator import kept, kept_state


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "The LocalStack that `pytest --keep-emulator` leaves running. It ends by "
        f"itself when it was not used for {kept.IDLE_S / 60:.0f} minutes."
    )
    parser.add_argument("what", choices=["status", "stop"])
    parser.add_argument(
        "--force", action="store_true", help="stop it although a run uses it"
    )


def run(options: argparse.Namespace) -> int:
    """Show or stop the kept LocalStack."""
    if options.what == "stop":
        stopped = kept.stop(force=options.force)
        print("stopped" if stopped else "no LocalStack is kept")
    elif (state := kept_state.read(kept_state.HOME)) and kept_state.is_held(
        kept_state.keeper_lock(kept_state.HOME)
    ):
        print(f"{state.description}, process {state.pid}, kept since {state.since}")
        print(f"log: {state.log}")
    else:
        print("no LocalStack is kept")
    return 0
