"""All subjects answer the same bytes and leave the same behind, before any is timed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bench.performance import cases, subjects
from harness.errors import HarnessError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.performance.stub_client import Stub
    from bench.performance.subjects import Job, Subject

# What is random or a time: written as the same word for every subject.
_VARIABLE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z"
)
_VALID = {"orderId": "A-1", "amount": 49.9, "reason": "damaged"}
_KEY = {"Idempotency-Key": "key-1"}
POSTS = (
    cases.a_post(),
    cases.a_post({**_VALID, "amount": 1000}),
    cases.a_post(**{"X-Correlation-Id": "given-1"}),
    cases.a_post(_VALID, **_KEY),
    cases.a_post(_VALID, **_KEY),
    cases.a_post({**_VALID, "reason": "another"}, **_KEY),
    cases.a_post({"orderId": "a b", "amount": 1.005, "reason": " "}),
    cases.a_post({**_VALID, "amount": 0, "note": "?"}),
    cases.a_post({**_VALID, "amount": "49.90", "reason": "x" * 501}),
    cases.a_post({**_VALID, "amount": 10_000_000}),
    cases.a_post({}),
    cases.a_post("{"),
)


def all_alike(built: list[Subject], stub: Stub, scratch: Path) -> None:
    """Compare every subject with ours.

    Raises:
        HarnessError: they differ; names the subject and the first difference.

    """
    items = [cases.an_item(amount) for amount in ("49.90", "1000", "1000.01")]
    ours, *others = [(one.name, _seen(one, items, stub, scratch)) for one in built]
    for name, seen in others:
        for about, expected in ours[1].items():
            if seen[about] != expected:
                raise HarnessError(
                    f"{name} is no fair subject, its {about} differ from ours:\n"
                    f"  ours: {expected}\n  {name}: {seen[about]}"
                )


def _seen(
    subject: Subject, items: list[cases.Event], stub: Stub, scratch: Path
) -> dict[str, str]:
    seen = {}
    jobs = (
        subjects.Job("receiver", list(POSTS)),
        subjects.Job("processor", [cases.a_batch(items)]),
        subjects.Job("reader", [*(cases.a_get(one["refundId"]["S"]) for one in items)]),
    )
    for job in jobs:
        stub.take_state()
        if job.role != "receiver":
            stub.seed(items)
        answers = subjects.run(subject, job, stub, scratch)["answers"]
        state = stub.take_state()
        del state["requests"]
        seen[f"{job.role}'s answers"] = "\n".join(map(_normal, map(_http, answers)))
        seen[f"{job.role}'s effects"] = _normal(state)
    return seen


def _http(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what a client would see of a proxy answer; a batch's answer as it is."""
    if "statusCode" not in answer:
        return answer
    several = answer.get("multiValueHeaders") or {}
    headers = {name: ",".join(values) for name, values in several.items()}
    headers |= answer.get("headers") or {}
    named = {name.lower(): value for name, value in headers.items()}
    return {"status": answer["statusCode"], "headers": named, "body": answer["body"]}


def _normal(value: object) -> str:
    return _VARIABLE.sub("~", json.dumps(value, sort_keys=True))


def must_succeed(job: Job, measured: dict[str, Any]) -> None:
    """Refuse a measurement in which anything was not accepted, decided or read.

    Raises:
        HarnessError: an answer was another one.

    """
    expected = {"receiver": 202, "reader": 200}.get(job.role)
    for answer in measured["answers"]:
        if answer.get("statusCode") != expected or answer.get("batchItemFailures"):
            raise HarnessError(f"{job.role} answered {answer} while it was measured")
