"""A secret in Secrets Manager, and the clock that its reader goes by."""

import json
from threading import Event
from typing import Any

from refunds.adapters.aws import secrets_client

OLD, NEW = "Bearer s3cret-old", "Bearer s3cret-new"


class Stored:
    """The secret in Secrets Manager, and how often it was read."""

    def __init__(self) -> None:
        self._client: Any = secrets_client()
        self.arn = self._client.create_secret(Name="gateway", SecretString="{}")["ARN"]
        self.reads = 0
        self.failure: Exception | None = None
        self.hangs_until: Event | None = None
        self.answered = Event()
        self.holds(OLD)

    def holds(self, authorization: object) -> None:
        """Rotate the secret."""
        self.holds_text(json.dumps({"authorization": authorization, "user": "x"}))

    def holds_text(self, text: str) -> None:
        """Store what is no secret of ours."""
        self._client.put_secret_value(SecretId=self.arn, SecretString=text)

    def get_secret_value(self, *, SecretId: str) -> object:  # noqa: N803 - AWS's
        """Count, then ask moto, unless the service fails."""
        self.reads += 1
        hangs_until, self.hangs_until = self.hangs_until, None
        if self.failure:
            raise self.failure
        answer: object = self._client.get_secret_value(SecretId=SecretId)
        if hangs_until:
            self.answered.set()
            hangs_until.wait()
        return answer


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def time(self) -> float:
        """Return the time."""
        return self.now_s
