"""The smoke test knows a backlog from a release that decides nothing."""

import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from service.smoke import BACKLOG, fault

if TYPE_CHECKING:
    from service.deployed import RefundService

STACK = cast(
    "RefundService",
    SimpleNamespace(
        functions={"processor": SimpleNamespace(live="shop-processor:live")},
        queue_url="queue",
    ),
)
DECIDED: dict[str, object] = {"batchItemFailures": []}
LEFT = {"batchItemFailures": [{"itemIdentifier": "smoke"}]}
CRASHED = {"errorType": "KeyError", "errorMessage": "'records'"}


@pytest.mark.parametrize(
    ("answer", "waiting", "complaint"),
    [
        (DECIDED, BACKLOG + 1, ""),
        (DECIDED, BACKLOG, "is the mapping enabled?"),
        (CRASHED, BACKLOG + 1, "does not decide r1: "),
        (LEFT, BACKLOG + 1, "does not decide r1: "),
        (None, BACKLOG + 1, "does not decide r1: null"),
    ],
)
def test_only_a_long_queue_before_a_processor_that_decides_is_a_backlog(
    answer: object, waiting: int, complaint: str
) -> None:
    """It is asked past the queue."""
    asked: list[dict[str, Any]] = []

    def invoke(FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - boto's
        assert FunctionName == "shop-processor:live"
        asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    counts = {"Attributes": {"ApproximateNumberOfMessages": str(waiting)}}
    sqs = SimpleNamespace(get_queue_attributes=lambda **_: counts)

    found = fault(
        cast("Any", SimpleNamespace(invoke=invoke)), cast("Any", sqs), STACK, "r1"
    )

    assert complaint in found
    assert bool(found) is bool(complaint)
    [record] = asked[0]["Records"]
    assert json.loads(record["body"]) == {"version": 1, "refundId": "r1"}
