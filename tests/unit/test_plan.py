"""What an update of our own stack would do, before it is deployed."""

from pathlib import Path

import pytest

from sam_harness.cli import main
from service.checkout import ROOT


def test_a_renamed_key_another_bucket_a_tag_and_a_default_are_named_exactly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table stops it; nothing else of the copy is listed."""
    before = (ROOT / "template.yaml").read_text()
    before = before.replace("CodeUri: src/", "CodeUri: s3://one/9f86d081")
    after = (
        before.replace("s3://one/", "s3://another/")
        .replace("AttributeName: PK,", "AttributeName: RefundId,")
        .replace(
            "    Tracing: Active\n", "    Tracing: Active\n    Tags: {team: a}\n", 1
        )
        .replace("    Default: INFO\n", "    Default: DEBUG\n")
    )
    (tmp_path / "before.yaml").write_text(before)
    (tmp_path / "after.yaml").write_text(after)

    status = main(
        ["plan", str(tmp_path / "after.yaml"),
         "--against", str(tmp_path / "before.yaml")]
    )  # fmt: skip

    table, place, tags, default = capsys.readouterr().out.splitlines()
    assert status == 1
    assert table.startswith(
        "STOP: RefundTable (AWS::DynamoDB::Table) would be replaced"
    )
    assert "for nothing but the place of the code (s3://one -> s3://another)" in place
    assert "for nothing but the tags" in tags
    assert default.startswith("parameter LogLevel: its default would be 'DEBUG'")
