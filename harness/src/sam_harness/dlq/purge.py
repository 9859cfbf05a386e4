"""``dlq purge``: deletes messages, each only after it is safe in a file."""

import json
import os
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sam_harness.dlq.queues import DeadLetterQueue, Received, depth, receive, release
from sam_harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_VISIBILITY_S = 60
# Left out of the file: it is of no use once the message is deleted.
_RECEIPT = "ReceiptHandle"


def purge(
    sqs: "SQSClient",
    dlq: DeadLetterQueue,
    *,
    to: Path | None,
    sure: bool,
    dry_run: bool,
) -> None:
    """Save every message to a file, one JSON object per line, and delete it.

    Raises:
        UsageError: not ``sure``, or the file exists.
        HarnessError: the file cannot be written.
    """
    before = depth(sqs, dlq.queue.url)
    if dry_run:
        print(f"{dlq.queue.name}: would save and delete {before}")
        return
    if not sure:
        raise UsageError(
            f"{dlq.queue.name} holds {before}: give --yes to save them to a file and "
            "delete them"
        )
    path = to or Path(f"{dlq.queue.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl")
    try:
        # Never over another purge's messages; for the owner's eyes only.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} exists: choose another with --save-to") from None
    except OSError as error:
        raise HarnessError(f"{path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        delete_all(sqs, dlq, file, str(path))
    print(f"left: {depth(sqs, dlq.queue.url)}")


def delete_all(
    sqs: "SQSClient", dlq: DeadLetterQueue, file: IO[str], name: str
) -> None:
    """Go on until the queue has nothing more to show, and print what was deleted.

    Whatever ends it, each message is in the queue or in the file, which has this name.
    """
    url, deleted = dlq.queue.url, 0
    try:
        while held := receive(sqs, url, _VISIBILITY_S):
            try:
                while held:
                    _save(held[0], file)
                    receipt = held[0].raw["ReceiptHandle"]
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
                    deleted += 1
                    held.pop(0)
            finally:
                release(sqs, url, held)
    finally:
        print(f"deleted {deleted}, saved in {name}", flush=True)


def _save(message: Received, file: IO[str]) -> None:
    kept = {name: value for name, value in message.raw.items() if name != _RECEIPT}
    text = json.dumps(kept, default=lambda binary: b64encode(binary).decode())
    try:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise HarnessError(
            f"the file cannot be written ({error.strerror}): the other messages "
            "are still in the queue"
        ) from error
