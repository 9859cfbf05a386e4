"""What S3 refuses of a bucket's notifications. Imports nothing foreign.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
"""

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any


def check_notifications(told: Mapping[str, Any], known: Collection[str]) -> None:
    """Check a bucket's configuration; ``known`` are the events that there are.

    Raises:
        ValueError: S3 refuses it, in these words.

    """
    # EventBridge's has no list.
    targets = [one for of in told.values() if isinstance(of, list) for one in of]
    if not all(event in known for one in targets for event in one["Events"]):
        raise ValueError("A specified event is not supported for notifications.")
    for one, other in combinations(targets, 2):
        if _same_event(one["Events"], other["Events"]) and _same_key(one, other):
            raise ValueError(
                "Configuration is ambiguously defined. Cannot have overlapping "
                "suffixes in two rules if the prefixes are overlapping for the same "
                "event type."
            )


def _same_event(some: list[str], others: list[str]) -> bool:
    return any(
        _begins(one.rstrip("*"), other.rstrip("*"))
        if "*" in one + other
        else one == other
        for one in some
        for other in others
    )


def _same_key(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    (prefix, suffix), (another, ending) = _filter(one), _filter(other)
    return _begins(prefix, another) and _begins(suffix[::-1], ending[::-1])


def _filter(target: Mapping[str, Any]) -> tuple[str, str]:
    rules = target.get("Filter", {}).get("Key", {}).get("FilterRules") or ()
    said = {str(one.get("Name")).lower(): one.get("Value", "") for one in rules}
    return said.get("prefix", ""), said.get("suffix", "")


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
