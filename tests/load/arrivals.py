"""Locust's file: each refund is sent when it is due, whatever became of the others.

Started by load.run, which says in LOAD_ORDER what to send and where to write what
came back: one JSON object per request.
"""

import json
import os
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

import gevent
from gevent.pool import Pool
from locust import FastHttpUser, task

ORDER: dict[str, Any] = json.loads(os.environ["LOAD_ORDER"])
# No answer at all is 0 here.
AGAIN = {0, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
MOST_REPEATS = 8
REPEATS_EVERY, REPEAT_AFTER_S = 10, 3.0
IN_FLIGHT = 1_000  # more than there are requests: none waits for a connection
TIMEOUT_S = 30.0


class Arrivals(FastHttpUser):  # type: ignore[misc] # untyped
    """All clients together."""

    fixed_count = 1
    concurrency = IN_FLIGHT
    connection_timeout = network_timeout = TIMEOUT_S

    @task  # type: ignore[untyped-decorator] # untyped
    def arrive(self) -> None:
        """Send all of them, each at its time, and end."""
        pool, began = Pool(), time.time()
        for number, due_s in enumerate(ORDER["arrivals"]):
            gevent.sleep(max(0.0, began + due_s - time.time()))
            pool.spawn(self._send, number, began + due_s)
        pool.join()
        self.environment.runner.quit()

    def _send(self, number: int, due: float) -> None:
        """Ask as the contract says: again, with the same key, while told to."""
        refused: list[int] = []
        while True:
            status, refund_id, again_s = self._ask(f"{ORDER['prefix']}-{number}")
            if status not in AGAIN or len(refused) == MOST_REPEATS:
                break
            refused.append(status)
            gevent.sleep(again_s)
        row = {
            "due": due,
            # From when it was due: a sender that is late hides nothing.
            "took_s": time.time() - due,
            "status": status,
            "refund_id": refund_id,
            "refused": refused,
        }
        if number % REPEATS_EVERY == 0:
            # A client that did not see the answer; by now it may be decided.
            gevent.sleep(REPEAT_AFTER_S)
            row["repeat"] = self._ask(f"{ORDER['prefix']}-{number}")[1]
        with Path(ORDER["answers"]).open("a", encoding="utf-8") as answers:
            answers.write(json.dumps(row) + "\n")

    def _ask(self, order_id: str) -> tuple[int, str | None, float]:
        """Return the status, the refund, and how long to wait before asking again."""
        with self.client.post(
            "/refunds",
            json={"orderId": order_id, "amount": 49.9, "reason": "damaged"},
            headers={"x-api-key": os.environ["API_KEY"], "Idempotency-Key": order_id},
            name="POST /refunds",
            catch_response=True,
        ) as answer:
            status: int = answer.status_code
            accepted = status == HTTPStatus.ACCEPTED
            refund_id = answer.json()["refundId"] if accepted else None
            again_s = float((answer.headers or {}).get("Retry-After", 1))
        return status, refund_id, again_s
