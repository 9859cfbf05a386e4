"""``tox -e preview``: takes away the stacks of pull requests."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3

from sam_harness.deploying.operation import Operation
from sam_harness.errors import said_plainly
from service.console import run_command

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

PREFIX = "refunds-pr-"
TIMEOUT_S = 1200.0


def main(argv: Sequence[str]) -> int:
    """Delete one stack or all forgotten ones; returns 0, or raises HarnessError."""
    arguments = _parser().parse_args(argv)
    with said_plainly():
        cloudformation = boto3.client("cloudformation")
        if arguments.command == "delete":
            names = [f"{PREFIX}{arguments.number}"]
        else:
            oldest = datetime.now(UTC) - timedelta(days=arguments.days)
            names = list(forgotten(cloudformation, oldest))
        for name in names:
            delete(cloudformation, name)
    return 0


def forgotten(
    cloudformation: "CloudFormationClient", oldest: datetime
) -> Iterator[str]:
    """Yield the previews that were last deployed before ``oldest``."""
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            deployed = stack.get("LastUpdatedTime", stack["CreationTime"])
            if not stack["StackName"].startswith(PREFIX):
                continue
            if deployed < oldest and stack["StackStatus"] != "DELETE_COMPLETE":
                yield stack["StackName"]


def delete(cloudformation: "CloudFormationClient", name: str) -> None:
    """Delete the stack and wait until it is gone; nothing happens where there is none.

    CloudFormation acts in the role that the stack was deployed with.

    Raises:
        HarnessError: a resource could not be deleted; names each with the reason.
    """
    operation = Operation(cloudformation, name)
    if not operation.updates:
        print(f"there is no stack {name}")
        return
    cloudformation.delete_stack(StackName=name)
    operation.wait(TIMEOUT_S, lambda event: print(f"  {event}", file=sys.stderr))
    print(f"deleted {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.preview",
        description=f"Take away the stacks of pull requests, {PREFIX}<number>.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    deleting = commands.add_parser("delete", help="one of them")
    deleting.add_argument("number", type=int, help="the pull request's number")
    sweeping = commands.add_parser(
        "sweep", help="those without a deployment for N days"
    )
    sweeping.add_argument("--days", type=float, required=True, metavar="N")
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main))
