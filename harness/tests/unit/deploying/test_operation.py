"""What becomes of an operation on a stack, asked of an AWS that throttles."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from sam_harness.deploying import operation
from sam_harness.deploying.operation import Operation, failed_events
from sam_harness.errors import HarnessError

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = 3


class Fake:
    """CloudFormation as far as it is asked: events in pages, and throttling."""

    def __init__(self) -> None:
        self.happened: list[dict[str, Any]] = []
        self.due: list[list[tuple[str, str, str]]] = []
        self.throttles = 0
        self.pages = 0
        self.apart_s = 1

    def event(self, logical_id: str, status: str, why: str = "") -> None:
        """Add an event; of the stack itself, if it has its name."""
        number = len(self.happened)
        self.happened.insert(
            0,
            {
                "StackId": STACK,
                "StackName": "shop",
                "EventId": f"{number}",
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": STACK if logical_id == "shop" else logical_id,
                "ResourceType": "AWS::SQS::Queue",
                "ResourceStatus": status,
                "ResourceStatusReason": why,
                "Timestamp": BEGAN + timedelta(seconds=number * self.apart_s),
            },
        )

    def page(self, start: int) -> dict[str, Any]:
        """Answer as AWS: the newest first, in pages, now and then too busy."""
        if self.throttles:
            self.throttles -= 1
            raise refusal("Throttling", "Rate exceeded")
        if start == 0 and self.due:
            for one in self.due.pop(0):
                self.event(*one)
        self.pages += 1
        page = {"StackEvents": self.happened[start : start + PAGE]}
        more = start + PAGE < len(self.happened)
        return page | ({"next": start + PAGE} if more else {})

    def get_paginator(self, name: str) -> "Fake":
        """Return what asks for page after page."""
        assert name == "describe_stack_events"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        """Yield the pages."""
        assert asked["StackName"]
        page = self.page(0)
        yield page
        while "next" in page:
            page = self.page(page["next"])
            yield page

    def describe_events(self, **_asked: object) -> dict[str, Any]:
        """Answer that nothing failed before it began."""
        return {"OperationEvents": []}


def refusal(code: str, message: str) -> ClientError:
    """Return what boto3 raises."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}}, "DescribeStackEvents"
    )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return a stack of many events, which is not waited for."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    made = Fake()
    for number in range(20):
        made.event(f"Queue{number}", "CREATE_COMPLETE")
    made.event("shop", "CREATE_COMPLETE")
    return made


def test_throttling_is_survived(fake: Fake) -> None:
    """AWS is asked again, later, until the operation is over."""
    followed = Operation(fake, "shop")  # type: ignore[arg-type]
    fake.throttles = 5
    fake.due = [
        [],
        [("Jobs", "UPDATE_COMPLETE", "")],
        [("shop", "UPDATE_COMPLETE", "")],
    ]

    seen: list[str] = []
    followed.wait(10, seen.append)

    assert seen == ["UPDATE_COMPLETE Jobs", "UPDATE_COMPLETE shop"]
    assert fake.throttles == 0


def test_what_was_seen_before_is_not_asked_for_again(fake: Fake) -> None:
    """One page tells what is new; the stack's history has many."""
    followed = Operation(fake, "shop")  # type: ignore[arg-type]
    before = fake.pages
    fake.due = [[("Jobs", "UPDATE_COMPLETE", "")], [("shop", "UPDATE_COMPLETE", "")]]

    followed.wait(10)

    assert before > 5
    assert fake.pages - before == 2


def test_the_longer_nothing_happens_the_seldomer_it_is_asked(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times a second only while events come."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    followed = Operation(fake, "shop")  # type: ignore[arg-type]
    fake.due = [*[[]] * 8, [("shop", "UPDATE_COMPLETE", "")]]

    followed.wait(10)

    assert pauses[0] == 2 * operation.LEAST_PAUSE_S
    assert pauses == sorted(pauses)
    assert pauses[-1] == operation.MOST_PAUSE_S


def test_another_error_is_not_waited_away(fake: Fake) -> None:
    """Only throttling passes."""
    followed = Operation(fake, "shop")  # type: ignore[arg-type]

    def refuse(**_: object) -> None:
        raise refusal("AccessDenied", "no")

    fake.paginate = refuse  # type: ignore[method-assign,assignment]
    with pytest.raises(ClientError, match="AccessDenied"):
        followed.wait(10)


@pytest.mark.parametrize("apart_s", [1, 0])
def test_a_failure_is_told_with_cloudformations_reason(
    fake: Fake, apart_s: int
) -> None:
    """Each resource once, also where all happens within a millisecond."""
    fake.apart_s = apart_s
    followed = Operation(fake, "shop")  # type: ignore[arg-type]
    fake.due = [
        [
            ("Jobs", "UPDATE_FAILED", "name is taken"),
            ("Long", "UPDATE_FAILED", "it is wrong,\n  in '" + "a word " * 500),
            ("shop", "UPDATE_ROLLBACK_COMPLETE", ""),
        ]
    ]

    with pytest.raises(HarnessError) as failed:
        followed.wait(10)

    _, jobs, long, stack = str(failed.value).splitlines()
    assert jobs.endswith("Jobs (AWS::SQS::Queue) UPDATE_FAILED: name is taken")
    assert "it is wrong, in 'a word" in long
    assert len(long) < 1_100
    assert stack.endswith("UPDATE_ROLLBACK_COMPLETE")


def test_what_failed_before_it_began_is_told_too() -> None:
    """A change set that CloudFormation does not validate has no stack event."""
    client = boto3.client("cloudformation", "us-east-1")
    event = {
        "EventId": "1", "OperationId": "o2", "OperationType": "CREATE_CHANGESET",
        "EventType": "VALIDATION_ERROR", "LogicalResourceId": "Jobs",
        "ResourceType": "AWS::SQS::Queue",
        "ValidationStatusReason": "the name is taken",
    }  # fmt: skip
    older = {**event, "OperationId": "o1", "ValidationStatusReason": "something older"}
    with Stubber(client) as stub:
        stub.add_response(
            "describe_events",
            {"OperationEvents": [event, older]},
            {"StackName": "shop", "Filters": {"FailedEvents": True}},
        )

        assert failed_events(client, "shop") == [
            "Jobs (AWS::SQS::Queue) VALIDATION_ERROR: the name is taken"
        ]
