"""What S3 refuses of an object's metadata and tags, and of lists."""

from types import SimpleNamespace
from typing import Any

import pytest

from sam_harness.localstack.corrections.s3_rules import (
    RefusalError,
    check_object,
    check_page,
    check_tags,
)

BUCKET: Any = SimpleNamespace(
    bucket_account_id="123456789012",
    object_ownership="BucketOwnerEnforced",
    public_access_block=None,
)


def tags(number: int) -> dict[str, Any]:
    """Return so many tags."""
    listed = [{"Key": f"k{one}", "Value": "v"} for one in range(number)]
    return {"Tagging": {"TagSet": listed}}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Metadata": {"a": "x" * 2048}}, "MetadataTooLarge"),
        ({"Metadata": {"a" * 1024: "", "b": "ä" * 512}}, "MetadataTooLarge"),
        ({"Tagging": "&".join(f"k{one}=" for one in range(11))}, "BadRequest"),
        ({"Tagging": "aws%3Aa=v"}, "InvalidTag"),
    ],
)
def test_more_than_an_object_may_have_is_refused(
    asked: dict[str, Any], code: str
) -> None:
    """By its own code."""
    with pytest.raises(RefusalError) as refused:
        check_object({"Key": "k", **asked}, BUCKET)

    assert (refused.value.code, refused.value.status) == (code, 400)


def test_as_much_as_an_object_may_have_is_taken() -> None:
    """As is none of it."""
    listed = "&".join(f"k{one}=" for one in range(10))
    check_object({"Key": "k", "Metadata": {"a": "x" * 2047}, "Tagging": listed}, BUCKET)
    check_object({"Key": "k", "Metadata": None, "Tagging": None}, BUCKET)


def test_an_object_that_is_there_gets_no_more_tags() -> None:
    """Than with its content."""
    check_tags(tags(10))
    with pytest.raises(RefusalError, match="Object tags cannot be greater than 10"):
        check_tags(tags(11))
    check_tags({"Tagging": {"TagSet": None}})


@pytest.mark.parametrize(
    ("asked", "given"), [(2000, 1000), (1000, 1000), (1, 1), (None, None)]
)
def test_a_list_has_a_thousand_keys_at_most(
    asked: int | None, given: int | None
) -> None:
    """Whatever is asked for."""
    request = {"MaxKeys": asked}

    check_page(request)

    assert request["MaxKeys"] == given


def test_a_list_of_less_than_no_keys_is_refused() -> None:
    """LocalStack takes it."""
    with pytest.raises(ValueError, match="maxKeys must be an integer between 0 and"):
        check_page({"MaxKeys": -1})
