"""Hostile requests through the real local gateway, hostile messages through the queue.

All are sent once, honest ones among them; then each test asks what became of one, or
what is true of them all.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from contract.hostile.bodies import bodies
from contract.hostile.case import SECRET, HostileRequest
from contract.hostile.heads import heads
from contract.hostile.messages import HostileMessage, messages
from contract.hostile.sending import Answer, send
from contract.hostile.targets import targets
from sam_harness.waiting import DeadlineError, wait_until
from service.client import RefundClient
from service.contract import contract
from service.lost import sweep
from service.queues import Queues
from service.running import Running
from service.table import stored_refunds
from service.telemetry import FunctionLog

REQUESTS = [*bodies(), *heads(), *targets()]
MESSAGES = list(messages())
# One honest refund after so many hostile requests, and after so many messages.
AMONG_REQUESTS, AMONG_MESSAGES = 25, 4
NEIGHBOUR = "NEIGHBOUR-"
FINAL = {"APPROVED", "REJECTED"}


@dataclass(frozen=True, slots=True)
class Run:
    """What became of everything that was sent."""

    answers: Mapping[str, Answer | OSError]
    dead: Mapping[str, int]
    refunds: Mapping[str, Mapping[str, str]]
    payments: Mapping[str, int]
    neighbours: frozenset[str]
    logs: Mapping[str, str]


@pytest.fixture(scope="module")
def run(service: Running, reports: Path) -> Run:
    """Send everything, wait until all is decided or dead, and read what was logged."""
    sender = Sender(service)
    answers = {str(one): sender.answer_to(one) for one in REQUESTS}
    write_coverage(answers, reports)
    for message in MESSAGES:
        sender.queue(message)
    # In the midst of it, so that there is a log of every function to look at.
    sweep(service.emulator.session().client("lambda"), service.stack)
    dead = sender.dead_letters(len(MESSAGES))
    refunds = sender.decided_refunds()
    return Run(
        answers,
        dead,
        refunds,
        service.gateway.payments(),
        frozenset(sender.neighbours),
        dict(logs(service)),
    )


def write_coverage(answers: Mapping[str, Answer | OSError], reports: Path) -> None:
    """Leave operation -> status -> count, for the page of evidence."""
    seen: dict[str, Counter[int]] = {name: Counter() for name in contract().operations}
    for request in REQUESTS:
        answer = answers[str(request)]
        if request.operation and isinstance(answer, Answer):
            seen[request.operation][answer.status] += 1
    (reports / "coverage.json").write_text(json.dumps(seen), encoding="utf-8")


class Sender:
    """Sends what is hostile, and honest refunds among it."""

    def __init__(self, service: Running) -> None:
        self._session = service.emulator.session()
        self._service = service
        self._client = RefundClient(service.stack)
        self._queues = Queues(self._session.client("sqs"), service.stack)
        # Other tests have sent refunds, too.
        self._before = self._stored().keys()
        self._requests = self._messages = 0
        self.neighbours: list[str] = []

    def answer_to(self, request: HostileRequest) -> Answer | OSError:
        """Send a request, and perhaps an honest one."""
        self._requests += 1
        if self._requests % AMONG_REQUESTS == 0:
            self._send_neighbour()
        try:
            return send(self._service.stack, request)
        except OSError as error:
            return error

    def queue(self, message: HostileMessage) -> None:
        """Put a message into the queue, and perhaps an honest one."""
        self._messages += 1
        if self._messages % AMONG_MESSAGES == 0:
            self._send_neighbour()
        self._queues.sqs.send_message(
            QueueUrl=self._service.stack.queue_url,
            MessageBody=message.body,
            MessageAttributes=message.attributes,
        )

    def _send_neighbour(self) -> None:
        answer = self._client.post(f"{NEIGHBOUR}{len(self.neighbours)}", "1.00")
        assert answer.status_code == HTTPStatus.ACCEPTED, answer.text
        self.neighbours.append(answer.json()["refundId"])

    def dead_letters(self, expected: int) -> dict[str, int]:
        """Return body -> how often it is in the DLQ, once nothing else is queued."""
        with suppress(DeadlineError):  # the tests say what is missing
            wait_until(
                lambda: (self._queues.depth(), self._queues.dlq_depth()),
                lambda depths: depths == (0, expected),
                what="the hostile messages to reach the DLQ",
                timeout_s=60,
            )
        found: dict[str, int] = {}
        while received := self._queues.sqs.receive_message(
            QueueUrl=self._service.stack.dlq_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=600,
        ).get("Messages"):
            for message in received:
                found[message["Body"]] = found.get(message["Body"], 0) + 1
        return found

    def decided_refunds(self) -> dict[str, Mapping[str, str]]:
        """Return the refunds that are new in the table, once none is PENDING."""
        refunds = wait_until(
            self._stored,
            lambda items: all(item["status"] in FINAL for item in items.values()),
            what="all refunds to be decided",
            timeout_s=60,
        )
        return {one: refunds[one] for one in refunds.keys() - self._before}

    def _stored(self) -> dict[str, Mapping[str, str]]:
        records = stored_refunds(self._session, self._service.stack)
        return {one["refundId"]: one for one in records}


def logs(service: Running) -> Iterator[tuple[str, str]]:
    """Yield every log of the run: CloudWatch's groups, LocalStack's own."""
    client = service.emulator.session().client("logs")
    for page in client.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            yield name, FunctionLog(client, name).text()
    text = Path(service.emulator.log_path).read_text(encoding="utf-8", errors="replace")
    yield "LocalStack", text


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_hostile_request_gets_its_documented_answer(
    run: Run, request_: HostileRequest
) -> None:
    """The status, the headers and the body that the contract has for it."""
    answer = run.answers[str(request_)]

    assert isinstance(answer, Answer), answer
    assert answer.status in request_.expected, answer
    # What no operation asks for is refused as if any did.
    operation = contract().operations[request_.operation or "listRefunds"]
    assert operation.broken_by(answer.status, answer.headers, answer.body) == []


@pytest.mark.parametrize("message", MESSAGES, ids=str)
def test_a_hostile_message_reaches_the_dlq(run: Run, message: HostileMessage) -> None:
    """Once, and as it was."""
    assert run.dead.get(message.body) == 1


def test_nothing_else_is_dead(run: Run) -> None:
    """No honest message went down with one of a hostile client."""
    assert run.dead.keys() == {message.body for message in MESSAGES}


def test_no_neighbour_is_harmed(run: Run) -> None:
    """Every honest refund is approved, and paid once."""
    assert len(run.neighbours) == len(REQUESTS) // AMONG_REQUESTS + (
        len(MESSAGES) // AMONG_MESSAGES
    )
    for refund_id in run.neighbours:
        assert run.refunds[refund_id]["status"] == "APPROVED"
        assert run.payments[refund_id] == 1


def test_what_was_accepted_is_decided_and_what_was_refused_is_not_there(
    run: Run,
) -> None:
    """The table has the refunds of the 202s and no others; none is paid twice."""
    accepted = {
        json.loads(answer.body)["refundId"]
        for answer in run.answers.values()
        if isinstance(answer, Answer) and answer.status == HTTPStatus.ACCEPTED
    }
    assert accepted
    assert run.refunds.keys() == accepted | run.neighbours
    assert max(run.payments.values()) == 1


def test_no_log_has_a_secret(run: Run, service: Running) -> None:
    """Neither the API key nor what a client put where it did not belong."""
    assert {"LocalStack"} < run.logs.keys()
    for name, text in run.logs.items():
        assert text or "apigateway" in name, f"{name} is empty: nothing was looked at"
        for secret in (service.stack.api_key, SECRET):
            found = [line for line in text.splitlines() if secret in line]
            assert not found, f"{name}: {found[0][:300]}"


def test_no_function_crashed(run: Run) -> None:
    """Each line is JSON of ours or the platform's, and none tells of a stack trace."""
    platform = re.compile(r"(INIT_START|INIT_REPORT|START|END|REPORT) ")
    for name, text in run.logs.items():
        if not name.startswith("/aws/lambda/"):
            continue
        for line in text.splitlines():
            if not platform.match(line):
                written = json.loads(line)
                assert "exception" not in written, written
                assert "errorMessage" not in written, written
