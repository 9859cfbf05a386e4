"""A stage's parameters, as a file."""

from pathlib import Path

import pytest

from sam_harness.deploying.stage import drift, parameters_of, recorded
from sam_harness.errors import UsageError

TEMPLATE = {
    "Parameters": {
        "Stage": {"Type": "String"},
        "Email": {"Type": "String", "Default": "nobody@example.com"},
        "Limit": {"Type": "Number", "Default": 1000},
        "Look": {"Type": "String", "Default": "true"},
    }
}


def stage(directory: Path, text: str) -> Path:
    """Write a stage's file."""
    path = directory / "stage.yaml"
    path.write_text(text)
    return path


def test_every_parameter_is_passed(tmp_path: Path) -> None:
    """What the file leaves out has its default: SAM would keep the stack's value."""
    file = stage(tmp_path, "Stage: test\nLook: false\n")

    assert parameters_of(file, TEMPLATE, {}) == {
        "Stage": "test",
        "Email": "nobody@example.com",
        "Limit": "1000",
        "Look": "false",
    }


@pytest.mark.parametrize(
    ("environment", "email"),
    [
        ({"EMAIL": "a@example.com"}, "a@example.com"),
        ({"EMAIL": ""}, "nobody@example.com"),
        ({}, "nobody@example.com"),
    ],
)
def test_a_variable_that_is_not_set_is_left_out(
    tmp_path: Path, environment: dict[str, str], email: str
) -> None:
    """GitHub gives an empty text for a variable that is not set."""
    file = stage(tmp_path, "Stage: test\nEmail: ${EMAIL}\n")

    assert parameters_of(file, TEMPLATE, environment)["Email"] == email


def test_a_value_can_be_empty(tmp_path: Path) -> None:
    """Written as null."""
    file = stage(tmp_path, "Stage: test\nEmail: null\n")

    assert parameters_of(file, TEMPLATE, {})["Email"] == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Email: a@example.com\n", "Stage has no default: give it a value"),
        ("Stage: ${STAGE}\n", "Stage has no default, and STAGE is not set"),
        ("Stage: test\nStgae: test\n", "no such parameter in the template: Stgae"),
        ("- Stage\n", "not a list of parameters"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    """With the parameter, and the variable that it was asked of."""
    with pytest.raises(UsageError, match=said):
        parameters_of(stage(tmp_path, text), TEMPLATE, {})


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("1000", {}),  # as it was passed
        ("500", {}),  # as it will be passed
        ("7", {"Limit": "7"}),
    ],
)
def test_what_neither_file_says_is_drift(value: str, found: dict[str, str]) -> None:
    """Somebody has changed it in the stack."""
    deployed = recorded(TEMPLATE, {"Stage": "test", "Limit": "1000"})

    assert drift(deployed, {"Limit": value}, {"Limit": "500"}) == found


def test_of_a_stack_without_a_file_each_other_value_is_drift() -> None:
    """Who has set it is not known."""
    assert drift(
        TEMPLATE, {"Limit": "1", "Look": "true"}, {"Limit": "2", "Look": "true"}
    ) == {"Limit": "1"}


def test_what_is_passed_is_written_down_beside_what_is_there() -> None:
    """But nothing that CloudFormation would not show."""
    parameters = {"Key": {"Type": "String", "NoEcho": True}, "Stage": {}}
    template = {"Parameters": parameters, "Metadata": {"Harness": {"Other": 1}}}

    assert recorded(template, {"Stage": "test", "Key": "k"})["Metadata"] == {
        "Harness": {"Other": 1, "Passed": {"Stage": "test"}}
    }


def test_there_has_to_be_a_file(tmp_path: Path) -> None:
    """A misspelt stage deploys nothing."""
    with pytest.raises(UsageError, match="cannot read it"):
        parameters_of(tmp_path / "prod.yaml", TEMPLATE, {})
