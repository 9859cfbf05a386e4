"""``python -m harness COMMAND``: finds the command and turns errors into words."""

import sys
from collections.abc import Sequence
from importlib import import_module

from harness.errors import HarnessError

# Each module has main(argv) -> exit status. Imported on use: most need only one.
COMMANDS = {
    "iam": ("harness.iam.command", "simulate IAM decisions offline"),
    "policy": ("harness.policy.command", "check a SAM template against the rules"),
    "dlq": ("harness.dlq.command", "peek into, redrive or purge a dead-letter queue"),
    "package": ("harness.packaging.build", "build the artefact of a SAM template"),
    "emulator": ("harness.emulator.command", "show or stop the kept LocalStack"),
    "deploy": (
        "harness.deploying.command",
        "build a SAM template and run `sam deploy` on it",
    ),
    "rollback": (
        "harness.deploying.rollback",
        "go back to what a stack was before an update",
    ),
}


def _usage() -> str:
    lines = ["usage: python -m harness COMMAND ...", "", "commands:"]
    lines += [f"  {name:10} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join([*lines, "", "python -m harness COMMAND --help tells more."])


def main(argv: Sequence[str]) -> int:
    """Run one command; returns 0, 1 (it failed) or 2 (the call was wrong)."""
    if argv and argv[0] in {"-h", "--help"}:
        print(_usage())
        return 0
    if not argv or argv[0] not in COMMANDS:
        said = f"no such command: {argv[0]}\n" if argv else ""
        print(said + _usage(), file=sys.stderr)
        return 2
    module, _ = COMMANDS[argv[0]]
    try:
        status: int = import_module(module).main(argv[1:])
    except HarnessError as error:
        print(f"harness {argv[0]}: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    return status
