"""What Systems Manager refuses of a parameter."""

import pytest

from sam_harness.localstack.corrections.ssm_rules import check_parameter


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (4096, {}),
        (4097, {"Tier": "Advanced"}),
        (4097, {"Tier": "Intelligent-Tiering"}),
        (4097, {"Overwrite": True}),
        (1, {"Name": "/shop/prod_1/db.url-2"}),
    ],
)
def test_a_parameter_that_its_tier_can_hold_is_taken(
    size: int, said: dict[str, object]
) -> None:
    """One that is overwritten may be an advanced one."""
    check_parameter({"Name": "name", "Value": "x" * size} | said)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"Value": "x" * 4097}, "a maximum parameter value of 4096"),
        ({"Value": "x" * 4097, "Tier": "Standard", "Overwrite": True}, "4096"),
        ({"Name": "/a b"}, "letters, numbers and the following 3 symbols"),
        ({"Name": "a/b"}, "must be a fully qualified name"),
        ({"Name": "/a/"}, "must be a fully qualified name"),
        ({"Name": "/a" * 16}, "up to 15 sub-paths"),
        ({"Name": "/ä"}, "letters, numbers and the following 3 symbols"),
    ],
)
def test_a_parameter_that_its_tier_cannot_hold_is_refused(
    said: dict[str, object], reason: str
) -> None:
    """And one of a name that is none."""
    with pytest.raises(ValueError, match=reason):
        check_parameter({"Name": "/name", "Value": "x"} | said)
