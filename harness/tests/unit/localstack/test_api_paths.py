"""Which paths of an OpenAPI document API Gateway makes resources of."""

import pytest

from sam_harness.localstack.corrections.api_paths import check_paths


@pytest.mark.parametrize(
    "paths",
    [
        [],
        ["/"],
        ["/orders", "/orders/", "/orders/{id}", "/orders/{id}/refunds"],
        ["/v1.0/a_b-c:d", "/{proxy+}"],
        ["/orders/{id}", "/refunds/{refundId}"],
    ],
)
def test_paths_that_api_gateway_takes_pass(paths: list[str]) -> None:
    """Variables, greedy ones at the end, dots and colons, a slash at the end."""
    check_paths(paths)


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (["orders"], "'orders': It does not begin with /"),
        ([""], "'': It does not begin with /"),
        (["/orders/{id}x"], "at the beginning and the end: {id}x"),
        (["/what?"], "at the beginning and the end: what?"),
        (["/{proxy+}/more"], "a resource with a greedy path: /{proxy+}"),
        (["/orders/{id}", "/orders/{order}/refunds"], "A sibling ({id})"),
        (["/{id}", "/{proxy+}"], "A sibling ({id})"),
    ],
)
def test_path_without_a_resource_is_refused(paths: list[str], reason: str) -> None:
    """A second variable beside another, a child of a greedy one, a strange sign."""
    with pytest.raises(ValueError, match="Unable to create resource") as raised:
        check_paths(paths)
    assert reason in str(raised.value)
