"""What S3 refuses of a bucket's notifications."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.refusals import check_notifications

KNOWN = {"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"}


def target(event: str = "s3:ObjectCreated:*", **rules: str) -> dict[str, Any]:
    """Return one that is told of an event; ``rules``: Prefix and Suffix."""
    said = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {"Events": [event], "Filter": {"Key": {"FilterRules": said}}}


def checked(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Check the configuration of a queue and a function."""
    told = {"QueueConfigurations": [one], "LambdaFunctionConfigurations": [other]}
    check_notifications({"EventBridgeConfiguration": {}, **told}, KNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (target(), target()),
        (target(), target("s3:ObjectCreated:Put", Prefix="in/", Suffix=".csv")),
        (target(Prefix="in/"), target(Prefix="in/new/")),
        (target(Prefix="in/", Suffix=".csv"), target(prefix="in", suffix="csv")),
        (target(Prefix="in/"), target(Suffix=".csv")),
        ({"Events": ["s3:ObjectCreated:Put"]}, target("s3:ObjectCreated:Put")),
    ],
)
def test_one_object_is_not_told_to_two(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Of one event."""
    for pair in ((one, other), (other, one)):
        with pytest.raises(ValueError, match="Configuration is ambiguously defined"):
            checked(*pair)


@pytest.mark.parametrize(
    "other",
    [
        target("s3:ObjectRemoved:*", Prefix="in/", Suffix=".csv"),
        target(Prefix="out/"),
        target(Prefix="in/", Suffix=".json"),
    ],
)
def test_what_is_told_apart_is_taken(other: dict[str, Any]) -> None:
    """By the event, the begin, or the end of a key."""
    checked(target(Prefix="in/", Suffix=".csv"), other)


def test_an_event_that_there_is_not_is_refused() -> None:
    """It would never be told."""
    with pytest.raises(ValueError, match="event is not supported for notifications"):
        checked(target("s3:ObjectMoved"), target())
