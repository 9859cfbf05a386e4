"""What the payment gateway asks for in `Authorization`: a secret that is rotated.

It is in Secrets Manager, as JSON: {"authorization": "Bearer …"}.
"""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Lock
from typing import TYPE_CHECKING

from refunds.adapters.aws_errors import sorted_errors
from refunds.domain.model import UnavailableError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from types_boto3_secretsmanager import SecretsManagerClient

_READ_AGAIN_AFTER_S = 300
# What fails, or is refused again and again, is not read with every call.
_FAILED_AGAIN_AFTER_S = 5
_REFUSED_AGAIN_AFTER_S = 1

# A call waits this long for a new value while the one from before may still be valid,
# and this long where there is none: longer than botocore's own timeouts.
_PATIENCE_S = 1.0
_LONGEST_READ_S = 5.0

# Anything else would fail in http.client, whose error repeats the value.
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


class GatewaySecret:
    """The secret as last read; threads may share it.

    It is read in a thread of its own: an answer that never ends, as no timeout of
    botocore notices, holds up those alone that have no value. The value is in no log,
    no error and no variable of the environment.
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
        self._reads = 0
        self._reading: Future[None] | None = None

    def value(self) -> str:
        """Return the secret, read again after five minutes.

        Where that fails, or hangs, the one from before serves on: it may be valid.

        Raises:
            UnavailableError: there is none.
        """
        with self._lock:
            known = self._value
            if not 0 <= time.time() - self._read_at < self._lifetime_s:
                self._begin_to_read()
            elif known:
                return known
            reading = self._reading
        return self._after(reading, _PATIENCE_S if known else _LONGEST_READ_S)

    def after_refusal_of(self, refused: str) -> str:
        """Return what may have replaced a secret that the gateway refuses."""
        with self._lock:
            if self._value != refused:
                return self._value
            if not 0 <= time.time() - self._read_at < _REFUSED_AGAIN_AFTER_S:
                self._begin_to_read()
            reading = self._reading
        return self._after(reading, _LONGEST_READ_S)

    def _after(self, reading: Future[None] | None, patience_s: float) -> str:
        if reading and reading in wait([reading], patience_s).done:
            reading.result()
        with self._lock:
            if not self._value:
                raise UnavailableError("gateway's secret", self._problem or "late")
            return self._value

    def _begin_to_read(self) -> None:
        # Until it has ended the others go on with what there is.
        self._read_at, self._lifetime_s = time.time(), _FAILED_AGAIN_AFTER_S
        self._problem = ""
        self._reads += 1
        executor = ThreadPoolExecutor(1, "gateway-secret")
        self._reading = executor.submit(self._read, self._reads)
        executor.shutdown(wait=False)

    def _read(self, number: int) -> None:
        """Read the secret; what goes wrong leaves the one from before."""
        value, problem = "", ""
        try:
            with sorted_errors("gateway's secret"):
                answer = self.client.get_secret_value(SecretId=self._arn)
                value = _authorization(answer.get("SecretString"))
        except UnavailableError as error:
            problem = error.code
        with self._lock:
            if number != self._reads:
                return  # overtaken by a later one, which knows better
            self._read_at, self._problem = time.time(), problem
            if value:
                self._value, self._lifetime_s = value, _READ_AGAIN_AFTER_S


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
