"""What a service tells of a resource is compared with the template's words."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from service.actual_resources import READERS

if TYPE_CHECKING:
    import boto3

    from service.expected_resources import Resource


def test_the_tags_that_cloudformation_adds_are_none_of_the_templates() -> None:
    """AWS puts aws:cloudformation:stack-name and others on what a stack has."""
    tags = {"owner": "refunds", "aws:cloudformation:stack-name": "shop"}
    answer = {"Configuration": {}, "Tags": tags}
    client = SimpleNamespace(get_function=lambda **_: answer)
    session = cast("boto3.Session", SimpleNamespace(client=lambda _: client))
    function = cast("Resource", SimpleNamespace(physical_id="receiver"))

    read = READERS["AWS::Lambda::Function"](session, function)

    assert read["Tags"] == [{"Key": "owner", "Value": "refunds"}]
