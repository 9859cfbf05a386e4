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
        run = Purge(sqs, dlq, file)
        try:
            run.delete_all()
        finally:
            print(f"deleted {run.deleted}, saved in {path}", flush=True)
    print(f"left: {depth(sqs, dlq.queue.url)}")


class Purge:
    """One run; whatever ends it, each message is in the queue or in the file."""

    def __init__(self, sqs: "SQSClient", dlq: DeadLetterQueue, file: IO[str]) -> None:
        self._sqs = sqs
        self._url = dlq.queue.url
        self._file = file
        self.deleted = 0

    def delete_all(self) -> None:
        """Go on until the queue has nothing more to show."""
        while batch := receive(self._sqs, self._url, _VISIBILITY_S):
            held = list(batch)
            try:
                while held:
                    self._save_and_delete(held[0])
                    held.pop(0)
            finally:
                release(self._sqs, self._url, held)

    def _save_and_delete(self, message: Received) -> None:
        try:
            self._file.write(_as_json(message) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise HarnessError(
                f"the file cannot be written ({error.strerror}): the other messages "
                "are still in the queue"
            ) from error
        self._sqs.delete_message(
            QueueUrl=self._url, ReceiptHandle=message.raw["ReceiptHandle"]
        )
        self.deleted += 1


def _as_json(message: Received) -> str:
    kept = {name: value for name, value in message.raw.items() if name != _RECEIPT}
    return json.dumps(kept, default=lambda binary: b64encode(binary).decode())
