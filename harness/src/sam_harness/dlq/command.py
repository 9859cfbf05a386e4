"""``sam-harness dlq``: peek into, redrive or purge a dead-letter queue."""

import argparse
from pathlib import Path

from sam_harness.dlq.peek import peek
from sam_harness.dlq.purge import purge
from sam_harness.dlq.queues import choose, connect
from sam_harness.dlq.redrive import redrive

_DESCRIPTION = """\
A dead-letter queue (DLQ) is found through CloudFormation: it is what the redrive
policy of one of the stack's queues points to. Credentials come from where AWS's own
tools take them; for LocalStack give --endpoint-url and any credentials."""

_EPILOG = """\
No command loses a message, also when it is interrupted: peek makes what it looked at
visible again, redrive lets SQS itself move (Ctrl-C cancels that), purge deletes a
message only after it was written to a file.

exit status: 0 done; 1 something failed; 2 the call was wrong; 130 interrupted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``peek``, ``redrive`` and ``purge``."""
    parser.description = _DESCRIPTION
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="action", required=True)
    looking = commands.add_parser(
        "peek",
        help="show what is in the queue",
        description="Show message id, age, receive count, the string fields of the "
        "body and the last error in the log of the function that consumes the queue. "
        "Looking raises each message's receive count by one.",
    )
    looking.add_argument(
        "--limit", type=_positive, default=100, help="most messages to show (100)"
    )
    moving = commands.add_parser(
        "redrive",
        help="move the messages back to the queue they came from",
        description="Move every message back to its source queue "
        "(StartMessageMoveTask) and show the progress. Ctrl-C cancels.",
    )
    moving.add_argument(
        "--per-second",
        type=_positive,
        metavar="N",
        help="move at most so many per second (1-500); default: SQS decides",
    )
    purging = commands.add_parser(
        "purge",
        help="save the messages to a file and delete them",
        description="Write each message to a file (JSON lines, the API's names), then "
        "delete it.",
    )
    purging.add_argument("--yes", action="store_true", help="really delete")
    purging.add_argument(
        "--save-to",
        type=Path,
        metavar="FILE",
        help="a new file; default: QUEUE-TIME.jsonl in the current directory",
    )
    for command in (moving, purging):
        command.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would happen, change nothing",
        )
    for command in (looking, moving, purging):
        command.add_argument("--stack", required=True, help="name of the stack")
        command.add_argument("--queue", help="name of the DLQ, where there are several")
        command.add_argument(
            "--endpoint-url", help="LocalStack's URL; AWS when not given"
        )
        command.add_argument("--region", help="default: as configured for AWS's tools")


def run(options: argparse.Namespace) -> int:
    """Run one of them on the dead-letter queue of a stack."""
    clients = connect(options.endpoint_url, options.region)
    dlq = choose(clients, options.stack, options.queue)
    match options.action:
        case "peek":
            peek(clients, dlq, options.limit)
        case "redrive":
            redrive(
                clients.sqs, dlq, per_second=options.per_second, dry_run=options.dry_run
            )
        case _:
            purge(
                clients.sqs,
                dlq,
                to=options.save_to,
                sure=options.yes,
                dry_run=options.dry_run,
            )
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text}: a number of 1 or more is needed")
    return int(text)
