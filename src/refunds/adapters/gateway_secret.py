"""What the payment gateway asks for in `Authorization`: a secret that is rotated.

It is in Secrets Manager, as JSON: {"authorization": "Bearer …"}.
"""

from __future__ import annotations

import json
import re
import time
from threading import Lock
from typing import TYPE_CHECKING

from refunds.adapters.aws_errors import sorted_errors
from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_READ_AGAIN_AFTER_S = 300
# What fails, or is refused again and again, is not read with every call.
_FAILED_AGAIN_AFTER_S = 5
_REFUSED_AGAIN_AFTER_S = 1

# Anything else would fail in http.client, whose error repeats the value.
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


class GatewaySecret:
    """The secret as last read; threads may share it.

    The value is in no log, no error and no variable of the environment.
    """

    def __init__(self, client: SecretsManagerClient, arn: str) -> None:
        self.client = client
        self._arn = arn
        self._lock = Lock()
        self._value = ""
        self._problem = ""
        # By the wall clock: the monotonic one may stand still in a frozen environment.
        self._read_at = 0.0
        self._lifetime_s = 0

    def value(self) -> str:
        """Return the secret, read again after five minutes.

        Where that fails, the one from before serves on: it may still be valid.

        Raises:
            UnavailableError: there is none.

        """
        with self._lock:
            if not 0 <= time.time() - self._read_at < self._lifetime_s:
                self._read()
            if not self._value:
                raise UnavailableError("gateway's secret", self._problem)
            return self._value

    def after_refusal_of(self, refused: str) -> str:
        """Return what may have replaced a secret that the gateway refuses."""
        with self._lock:
            age_s = time.time() - self._read_at
            if self._value == refused and not 0 <= age_s < _REFUSED_AGAIN_AFTER_S:
                self._read()
            return self._value

    def _read(self) -> None:
        """Read the secret; what goes wrong leaves the one from before."""
        self._problem = ""
        try:
            with sorted_errors("gateway's secret"):
                answer = self.client.get_secret_value(SecretId=self._arn)
                self._value = _authorization(answer.get("SecretString"))
        except UnavailableError as error:
            self._problem = error.code
        self._read_at = time.time()
        failed = bool(self._problem)
        self._lifetime_s = _FAILED_AGAIN_AFTER_S if failed else _READ_AGAIN_AFTER_S


def _authorization(text: object) -> str:
    """Return the header's value; what is none is not told by the error."""
    try:
        fields: object = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        fields = None
    value = fields.get("authorization") if isinstance(fields, dict) else None
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
        raise UnavailableError("gateway's secret", "Malformed")
    return value
