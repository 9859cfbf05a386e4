"""``sam-harness COMMAND``: one parser, and one place for errors and Ctrl-C.

Each command's module has ``add_arguments(parser)`` and ``run(options)``, which returns
the exit status or raises HarnessError.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from sam_harness.errors import HarnessError, said_plainly

PROGRAM = "sam-harness"
# Imported on use: most take long to import, and each call needs only one.
COMMANDS = {
    "up": ("live.up", "run a template on this machine until Ctrl-C"),
    "iam": ("iam.command", "simulate IAM decisions offline"),
    "policy": ("policy.command", "check a SAM template against the rules"),
    "dlq": ("dlq.command", "peek into, redrive or purge a dead-letter queue"),
    "package": ("packaging.command", "build the artefact of a SAM template"),
    "deploy": ("deploying.command", "build a template and `sam deploy` it"),
    "deploy-permissions": (
        "access.deploy.command",
        "may the roles that deploy do what it takes?",
    ),
    "plan": ("deploying.planning.command", "what an update of a stack would do"),
    "rollback": ("deploying.rollback", "go back to before a stack's update"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns 0, 1 (it failed), 2 (the call was wrong) or 130.

    Raises:
        SystemExit: with 2, argparse has told what is wrong with the call; or with 0,
            it has shown the help.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = _parser(argv[0] if argv else "")
    if not argv:
        parser.print_help(sys.stderr)
        return 2
    options, others = parser.parse_known_args(argv)
    if others and not options.hands_on_others:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    options.others = others
    try:
        with said_plainly():
            status: int = options.run(options)
    except HarnessError as error:
        print(f"{PROGRAM} {options.command}: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    return status


def _parser(named: str) -> argparse.ArgumentParser:
    """Return the parser, which knows the arguments of the command that is named."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, epilog=f"{PROGRAM} COMMAND --help tells more."
    )
    # Of the commands only `deploy` hands on to SAM what is not its own.
    parser.set_defaults(hands_on_others=False)
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, title="commands"
    )
    for name, (module, told) in COMMANDS.items():
        command = commands.add_parser(name, help=told)
        if name == named:
            room = import_module(f"sam_harness.{module}")
            room.add_arguments(command)
            command.set_defaults(run=room.run)
    return parser
