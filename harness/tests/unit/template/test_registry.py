"""What is kept of CloudFormation's registry is no older than what cfn-lint has."""

import json
from pathlib import Path

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from sam_harness.template import registry

KEPT = json.loads((Path(registry.__file__).with_name("registry.json")).read_text())


@pytest.mark.parametrize("kind", KEPT["types"])
def test_a_kept_type_has_all_that_cfn_lints_copy_has(kind: str) -> None:
    """What a newer cfn-lint has more is to be added to registry.json, with its date."""
    theirs = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    found = registry.registered(kind)
    assert found

    for name, handler in theirs.get("handlers", {}).items():
        declared = {text.replace("S3:", "s3:") for text in handler["permissions"]}
        if name != "list":
            assert declared <= found.permissions[name]
    for key in ("createOnlyProperties", "conditionalCreateOnlyProperties"):
        named = {one.removeprefix("/properties/") for one in theirs.get(key, ())}
        assert named <= found.create_only


def test_a_type_that_is_not_kept_is_taken_from_cfn_lint() -> None:
    """Of a type that is not in the registry nothing is known."""
    stream = registry.registered("AWS::Kinesis::Stream")

    assert stream
    assert "kinesis:CreateStream" in stream.permissions["create"]
    assert "Name" in stream.create_only
    assert registry.registered("AWS::Odd::Thing") is None


def test_it_is_said_from_where_and_when_it_is() -> None:
    """A permission that AWS adds later is not in it."""
    assert KEPT["source"].startswith("CloudFormation registry")
    assert KEPT["date"] >= "2026-08-07"
