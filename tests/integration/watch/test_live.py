"""What is saved goes live; what is broken does not, and no refund is lost meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from integration.watch.conftest import Followed

RECEIVER = "src/refunds/functions/receiver.py"
SAYS = """
_answer = handler

def handler(event, context):
    answer = _answer(event, context)
    answer["headers"]["X-Said"] = {word!r}
    return answer
"""


def test_a_saved_change_serves(followed: Followed) -> None:
    """The first call after it went live is answered by it, and is not a cold one."""
    followed.receiver.write_text(followed.original + SAYS.format(word="changed"))

    outcome = followed.next_outcome()

    assert (outcome.changed, outcome.problem) == (RECEIVER, "")
    assert "ReceiverFunction" in outcome.applied.functions
    assert _said(followed) == "changed"


def test_what_is_broken_never_serves_and_loses_no_refund(
    followed: Followed,
) -> None:
    """One that does not compile, one that does not start; then the repair serves."""
    broken = {
        "def f(:\n": f"{RECEIVER}:88:7: SyntaxError: invalid syntax",
        "import nothing_such\n": "does not start: Runtime.ImportModuleError: ",
    }
    line = followed.original.count("\n") + SAYS.count("\n") + 1
    with _steady_refunds(followed) as refund_ids:
        for code, problem in broken.items():
            text = followed.original + SAYS.format(word="broken") + code
            followed.receiver.write_text(text)
            told = followed.next_outcome().problem
            assert problem.replace(":88:", f":{line}:") in told
        followed.receiver.write_text(followed.original + SAYS.format(word="repaired"))
        assert not followed.next_outcome().problem
        assert _said(followed) == "repaired"

    assert refund_ids
    for refund_id, said in refund_ids.items():
        assert said != "broken"
        refund = followed.client.wait_until_decided(refund_id)
        assert refund["status"] == "APPROVED"


def test_a_changed_template_updates_the_stack_and_a_broken_one_does_not(
    followed: Followed,
) -> None:
    """A setting that the Processor does not start with is found beforehand."""
    text = followed.template.read_text()
    limit = "DECISION_LIMIT: !Ref DecisionLimit"
    assert limit in text

    followed.template.write_text(text.replace(limit, 'DECISION_LIMIT: "none"'))
    broken = followed.next_outcome()
    while_broken = _decided(followed)
    followed.template.write_text(text.replace(limit, 'DECISION_LIMIT: "2"'))
    updated = followed.next_outcome()

    assert "ProcessorFunction" in broken.problem
    assert "does not start" in broken.problem
    assert while_broken == "APPROVED"
    assert updated.applied.whole_stack, updated.problem
    assert _decided(followed) == "REJECTED"


def _said(followed: Followed) -> str | None:
    answer = followed.client.post(f"WATCH-{uuid4().hex}", "1.00")
    assert answer.status_code == 202, answer.text
    said: str | None = answer.headers.get("X-Said")
    return said


def _decided(followed: Followed) -> str:
    answer = followed.client.post(f"WATCH-{uuid4().hex}", "3.00")
    assert answer.status_code == 202, answer.text
    refund = followed.client.wait_until_decided(answer.json()["refundId"])
    status: str = refund["status"]
    return status


@contextmanager
def _steady_refunds(followed: Followed) -> Iterator[dict[str, str | None]]:
    """Send refunds while the block runs; yields refund id -> what its answer said."""
    accepted: dict[str, str | None] = {}
    stop = threading.Event()

    def send() -> None:
        while not stop.wait(0.25):
            answer = followed.client.post(f"WATCH-{uuid4().hex}", "1.00")
            if answer.status_code == 503:
                continue  # on a busy machine: nothing was promised
            accepted[answer.json()["refundId"]] = answer.headers.get("X-Said")

    sender = threading.Thread(target=send)
    sender.start()
    yield accepted
    stop.set()
    sender.join()
