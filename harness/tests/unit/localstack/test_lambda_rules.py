"""What Lambda refuses of a function, and of what calls it."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.lambda_rules import (
    check_function,
    check_mapping,
)

TABLE = "arn:aws:dynamodb:us-east-1:210987654321:table/t"


def test_events_that_nothing_would_take_are_refused() -> None:
    """They would be lost."""
    with pytest.raises(ValueError, match="no queue of SQS and no topic of SNS"):
        check_function({"DeadLetterConfig": {"TargetArn": TABLE}})


@pytest.mark.parametrize("kind", ["sns", "sqs"])
def test_a_dead_letter_queue_or_topic_is_taken(kind: str) -> None:
    """None is an empty ARN."""
    check_function({"DeadLetterConfig": {"TargetArn": f"arn:aws:{kind}:a:1:n"}})
    check_function({"DeadLetterConfig": {"TargetArn": ""}})


def test_a_function_that_is_no_image_has_no_settings_of_one() -> None:
    """Of what is updated here nothing is an image."""
    image = {"ImageConfig": {"Command": ["a"]}}
    with pytest.raises(ValueError, match="ImageConfig"):
        check_function(image)
    check_function({"PackageType": "Image", **image})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 6}}, "at most 5 filters"),
        ({"MaximumRecordAgeInSeconds": 0}, "is -1, or 60 at least"),
        ({"MaximumRecordAgeInSeconds": 59}, "is -1, or 60 at least"),
    ],
)
def test_a_mapping_beyond_its_limits_is_refused(
    asked: dict[str, Any], said: str
) -> None:
    """LocalStack takes it."""
    with pytest.raises(ValueError, match=said):
        check_mapping(asked)


def test_a_mapping_within_its_limits_is_taken() -> None:
    """And one that says nothing."""
    check_mapping({"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 5}})
    for age in (-1, 60, None):
        check_mapping({"MaximumRecordAgeInSeconds": age, "FilterCriteria": None})
