"""The resources of a template have the names that a matrix writes."""

from pathlib import Path

import pytest

from sam_harness.access import stack

ALIAS = """
  Alias:
    Type: AWS::Lambda::Alias
    Properties: {Name: live, FunctionName: fn, FunctionVersion: "1"}
"""
FUNCTION = """
  Fn:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: fn}
"""


@pytest.mark.parametrize("resources", [FUNCTION + ALIAS, ALIAS + FUNCTION])
def test_an_alias_has_its_own_name_wherever_it_stands(
    tmp_path: Path, resources: str
) -> None:
    """It is in its function, too; what is no resource is named by the function."""
    template = tmp_path / "template.yaml"
    template.write_text(f"Resources:{resources}")
    found = stack.load(template, {})
    alias = found.resources["Alias"].arn

    assert found.name_of(alias) == "Alias"
    assert found.name_of(f"{alias}-else") == "Fn/live-else"
