"""What a provider does not take of a resource's properties is found and told."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from sam_harness.localstack.stacks.proof import Proof
from sam_harness.localstack.stacks.reading import Reading, Watched, plain, unread

STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/a/b"
PROPERTIES = {
    "Name": "n",
    "Tags": [{"Key": "k", "Value": "v"}],
    "Nested": {"A": 1, "B": 2},
}


def dropped(act: Callable[[Watched], object], request: object = "") -> list[str]:
    """Return what a provider has not used that acts like this, then makes a call."""
    reading = Reading("Queue")
    act(Watched(PROPERTIES, reading))
    reading.called(request)
    return list(unread(PROPERTIES, reading.done()))


def test_a_property_that_is_not_looked_up_is_dropped() -> None:
    """Nested ones too, the outermost of each."""
    assert dropped(lambda it: it["Name"]) == ["Tags", "Nested"]
    nested = dropped(lambda it: (it.get("Nested", {})["A"], it["Name"]))
    assert nested == ["Tags", "Nested.B"]
    assert dropped(lambda it: [tag["Key"] for tag in it["Tags"]])[1] == "Tags.Value"


def test_what_is_looked_up_after_the_last_call_is_of_no_use() -> None:
    """As where a provider returns the properties that it was given."""
    reading = Reading("Queue")
    watched = Watched(PROPERTIES, reading)
    watched["Name"]
    reading.called("")
    dict(watched)

    assert list(unread(PROPERTIES, reading.done())) == ["Tags", "Nested"]


@pytest.mark.parametrize(
    "copying",
    [
        dict,
        lambda it: {**it},
        lambda it: dict(copy.deepcopy(it)),
        lambda it: list(it.items()),
        json.dumps,
    ],
    ids=["dict", "**", "deepcopy", "items", "json"],
)
def test_a_copy_counts_where_a_call_has_a_parameter_of_the_name(
    copying: Callable[[Watched], object],
) -> None:
    """A copy is made of everything; what goes on with it shows in the call."""
    assert dropped(copying, {"name": "n", "nested": {}})[0] == "Tags"
    assert "Name" not in dropped(copying, {"name": "n"})


def test_without_any_call_what_is_looked_up_counts() -> None:
    """Some resources are nothing but their properties."""
    reading = Reading("Queue")
    Watched(PROPERTIES, reading)["Name"]

    assert "Name" not in list(unread(PROPERTIES, reading.done()))


def test_an_update_need_not_take_again_what_has_not_changed() -> None:
    """What has changed it must."""
    before = {**PROPERTIES, "Name": "other"}

    assert list(unread(PROPERTIES, set(), before)) == ["Name"]


def test_an_empty_list_need_not_be_taken_where_there_was_none() -> None:
    """Nothing follows from it; but what was there before has to go."""
    assert list(unread({"Tags": []}, set())) == []
    assert list(unread({"Tags": []}, set(), {})) == []
    assert list(unread({"Tags": []}, set(), PROPERTIES)) == ["Tags"]


def test_what_is_no_longer_watched_is_plain() -> None:
    """LocalStack keeps it with the stack."""
    content: Any = plain({"a": [Watched(PROPERTIES, Reading("Queue"))]})

    assert content == {"a": [PROPERTIES]}
    assert type(content["a"][0]) is dict


@pytest.mark.parametrize(
    "name", ["Queue", "AWS::SQS::Queue", "AWS::SQS::Queue.Tags"], ids=str
)
def test_what_is_allowed_is_listed_and_fails_nothing(name: str) -> None:
    """By the resource's id, its type, or the property; in its own account's list."""
    proof = Proof()
    proof.made(STACK, "Queue", "AWS::SQS::Queue", {"Tags"}, {"Tags"})
    ((logical_id, _, reason),) = proof.unproven(STACK)
    line = "AWS::SQS::Queue.Tags: the emulator drops it"
    assert (logical_id, reason) == (
        "Queue",
        f"{line} (--allow-unproven AWS::SQS::Queue.Tags deploys the rest)",
    )
    assert proof.lines("123456789012") == []

    proof.allowed.add(name)
    proof.made(STACK, "Queue", "AWS::SQS::Queue", {"Tags"}, {"Tags"})

    assert list(proof.unproven(STACK)) == []
    assert proof.lines("123456789012") == [line]
    assert proof.lines("210987654321") == []


def test_what_nothing_depends_on_needs_no_leave() -> None:
    """It is listed with the reason that is known."""
    proof = Proof()
    proof.made(STACK, "Log", "AWS::Logs::LogGroup", {"RetentionInDays"}, set())

    assert list(proof.unproven(STACK)) == []
    assert "no log grows that old" in proof.lines("123456789012")[0]


def test_an_update_forgets_what_the_template_has_no_more() -> None:
    """And keeps what it still has."""
    proof = Proof()
    dropped = {"Tags", "Other.A"}
    both = {"Other", "Other.A"}
    proof.made(STACK, "Queue", "AWS::SQS::Queue", dropped, {"Tags"} | both)

    proof.updated(STACK, "Queue", dropped=set(), kept=set(), has=both)

    [(*_, reason)] = proof.unproven(STACK)
    assert reason.startswith("AWS::SQS::Queue.Other.A: the emulator drops it")
    proof.updated(STACK, "Queue", dropped=set(), kept=set(), has={"Other"})
    assert list(proof.unproven(STACK)) == []


def test_what_an_update_kept_fails_until_the_template_has_it_again() -> None:
    """Another update without it does not make it go."""
    proof = Proof()
    proof.made(STACK, "Queue", "AWS::SQS::Queue", set(), {"Tags", "Other"})

    lost = proof.lost(STACK, "Queue", {"Other"})
    proof.updated(STACK, "Queue", dropped=set(), kept=lost, has={"Other"})
    proof.updated(STACK, "Queue", dropped=set(), kept=set(), has={"Other"})
    kept = [reason for *_, reason in proof.unproven(STACK)]
    proof.updated(STACK, "Queue", dropped=set(), kept=set(), has={"Other", "Tags"})

    [reason] = kept
    assert reason.startswith("AWS::SQS::Queue.Tags: the emulator keeps it")
    assert list(proof.unproven(STACK)) == []
