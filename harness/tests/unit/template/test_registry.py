"""What is known of CloudFormation's registry."""

from sam_harness.template import registry


def test_a_type_is_taken_from_cfn_lint() -> None:
    """Of a type that is not in the registry nothing is known."""
    stream = registry.registered("AWS::Kinesis::Stream")

    assert stream
    assert "kinesis:CreateStream" in stream.permissions["create"]
    assert "Name" in stream.create_only
    assert registry.registered("AWS::Odd::Thing") is None


def test_what_only_some_changes_replace_counts_as_what_any_does() -> None:
    """Whether a table's keys may be changed in place depends on what they are."""
    table = registry.registered("AWS::DynamoDB::Table")

    assert table
    assert {"TableName", "KeySchema"} <= table.create_only
    assert "dynamodb:TagResource" in table.tagging


def test_what_holds_data_is_known() -> None:
    """A cluster as a table; a function holds none."""
    known = registry.stateful()

    assert {"AWS::DynamoDB::Table", "AWS::Redshift::Cluster"} <= known
    assert "AWS::Lambda::Function" not in known
