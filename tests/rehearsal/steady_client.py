"""A merchant who asks for refunds all the time, whatever is being deployed."""

import threading
from typing import Self
from uuid import uuid4

import requests

from service.client import RefundClient

INTERVAL_S = 0.5


class SteadyClient:
    """Asks for a refund every half second, in a thread, and counts the promises."""

    def __init__(self, client: RefundClient) -> None:
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="steady-client")
        self._prefix = f"STEADY-{uuid4().hex[:8]}"
        self._accepted: list[str] = []
        self.refused: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def accepted(self) -> list[str]:
        """The refundIds of all 202s so far, oldest first."""
        return list(self._accepted)

    def _ask(self) -> None:
        number = 0
        while not self._stop.wait(INTERVAL_S):
            number += 1
            try:
                answer = self._client.post(f"{self._prefix}-{number}", "10.00")
            except requests.RequestException as error:
                self.refused.append(type(error).__name__)
                continue
            if answer.status_code == requests.codes.accepted:
                self._accepted.append(answer.json()["refundId"])
            else:
                self.refused.append(str(answer.status_code))
