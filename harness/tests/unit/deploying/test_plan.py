"""What an update would replace, publish for nothing, or ignore."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.cli import main
from sam_harness.deploying.planning import plan
from sam_harness.deploying.planning.submitted import sam_digest
from sam_harness.packaging.build import Artefact

SHOP = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Level: {Type: String, Default: INFO}
Resources:
  Take:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: take.handler
      CodeUri: s3://code/9f86d081
      AutoPublishAlias: live
      AutoPublishAliasAllProperties: true
      VersionDescription: one
      Environment:
        Variables: {TABLE: !Ref Orders, QUEUE: !Ref Jobs, LEVEL: !Ref Level}
  Orders:
    Type: AWS::DynamoDB::Table
    UpdateReplacePolicy: Retain
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
  Jobs: {Type: AWS::SQS::Queue}
  Feed:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Take.Alias, EventSourceArn: !GetAtt Jobs.Arn}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: shop}}
"""
STALE = "; no new version of Take is published, so they use the old one"
TABLE = (
    "STOP: Orders (AWS::DynamoDB::Table) would be replaced: KeySchema cannot be changed"
    f"; the old one is kept, unused{STALE}"
)
QUEUE = (
    "STOP: Jobs (AWS::SQS::Queue) would be replaced: FifoQueue cannot be changed"
    f"{STALE}"
)
MAPPING = (
    "Feed (AWS::Lambda::EventSourceMapping) would be replaced: EventSourceArn cannot "
    "be changed"
)
NOTHING = "Take: a version would be published for nothing but "

type Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what plans an update of the shop; each pair replaces a text in it."""

    def run(
        *pairs: tuple[str, str], options: tuple[str, ...] = ()
    ) -> tuple[int, list[str]]:
        text = SHOP
        for old, new in pairs:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "old.yaml").write_text(SHOP)
        (tmp_path / "new.yaml").write_text(text)
        against = "old.yaml" if not (tmp_path / "kept.json").exists() else "kept.json"
        status = main(
            ["plan", str(tmp_path / "new.yaml"),
             "--against", str(tmp_path / against), *options]
        )  # fmt: skip
        return status, capsys.readouterr().out.splitlines()

    return run


def test_the_same_template_changes_nothing(run: Run) -> None:
    """Nothing is listed, and the update may go on."""
    assert run() == (0, [])


def test_what_can_be_changed_in_place_is_not_listed(run: Run) -> None:
    """Neither code nor configuration nor a topic's display name."""
    changes = [("9f86d081", "60303ae2"), ("DisplayName: shop", "DisplayName: s")]

    assert run(*changes, ("Handler: take.handler", "Handler: take.other")) == (0, [])


def test_a_table_with_another_key_stops_it(run: Run) -> None:
    """The functions would go on with the table from before: that is said, too."""
    change = ("KeySchema: [{AttributeName: id", "KeySchema: [{AttributeName: other")

    assert run(change) == (1, [TABLE])


def test_what_depends_on_a_replaced_name_is_replaced_with_it(run: Run) -> None:
    """The stateful first, each with what cannot be changed."""
    fifo = (
        "Jobs: {Type: AWS::SQS::Queue}",
        "Jobs: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
    )

    assert run(fifo) == (1, [QUEUE, MAPPING])


def test_a_replacement_that_is_wanted_goes_on(run: Run) -> None:
    """It is still listed."""
    change = ("KeySchema: [{AttributeName: id", "KeySchema: [{AttributeName: other")

    assert run(change, options=("--replace", "Orders")) == (
        0,
        [TABLE.removeprefix("STOP: ")],
    )


def test_a_queue_that_is_gone_would_be_deleted(run: Run) -> None:
    """What holds data stops it; a function that is gone would not."""
    status, lines = run(
        ("  Jobs: {Type", "  Work: {Type"),
        ("QUEUE: !Ref Jobs", "QUEUE: !Ref Work"),
        ("!GetAtt Jobs.Arn", "!GetAtt Work.Arn"),
    )

    assert status == 1
    assert lines[0] == "STOP: Jobs (AWS::SQS::Queue) would be deleted"
    assert MAPPING in lines


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("s3://code/", "s3://other/", "the place of the code (s3://code -> s3://other)"),
        ("      Handler", "      Tags: {team: a}\n      Handler", "the tags"),
        ("Description: one", "Description: two", "the VersionDescription"),
        ("      Handler", "      ReservedConcurrentExecutions: 5\n      Handler",
         "the reserved concurrency"),
    ],
)  # fmt: skip
def test_a_version_of_nothing_new_is_named_with_its_cause(
    run: Run, old: str, new: str, cause: str
) -> None:
    """Lambda has that version already and answers 409."""
    assert run((old, new)) == (0, [NOTHING + cause])


def test_a_version_of_something_new_may_have_all_of_them(run: Run) -> None:
    """Other code in another bucket, with tags, is a version as any."""
    changes = [("s3://code/9f86d081", "s3://other/60303ae2"), ("one", "two")]

    assert run(*changes) == (0, [])


def test_a_default_that_the_stack_does_not_get_is_named(run: Run) -> None:
    """A version is not published either: the value stays."""
    change = ("Default: INFO", "Default: DEBUG")
    line = (
        "parameter Level: its default would be 'DEBUG', the stack keeps 'INFO': pass "
        "the value to change it"
    )

    assert run(change) == (0, [line])
    assert run(change, options=("--parameter", "Level=DEBUG")) == (0, [])


def test_against_a_kept_stack_its_own_values_count(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`rollback save` wrote the file; the code is compared with the artefact's."""
    artefact = Artefact("key", tmp_path / "built" / "template.yaml")
    monkeypatch.setattr(plan, "build", lambda *_: artefact)
    code = tmp_path / "built" / "Take"
    code.mkdir(parents=True)
    (code / "take.py").write_text("handler = print\n")
    kept = SHOP.replace("s3://code/9f86d081", f"s3://code/shop/{sam_digest(code)}")
    (tmp_path / "kept.json").write_text(
        json.dumps({"stack": "s", "template": kept, "parameters": {"Level": "DEBUG"}})
    )
    local = ("s3://code/9f86d081", "take/")

    same = run(local, ("Default: INFO", "Default: DEBUG"))
    moved = run(local, options=("--s3-bucket", "other"))
    (code / "take.py").write_text("handler = repr\n")
    changed = run(local, options=("--s3-bucket", "other"))

    assert same == (0, [])
    cause = "the place of the code (s3://code/shop -> s3://other)"
    assert moved == (0, [NOTHING + cause])
    assert changed == (0, [])


def test_a_parameter_that_was_changed_past_the_file_stops_it(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unless it may be overwritten."""
    kept = {"stack": "s", "template": SHOP, "parameters": {"Level": "DEBUG"}}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    stage = tmp_path / "stage.yaml"
    stage.write_text("Level: ERROR\n")
    told = "parameter Level: 'DEBUG' in the stack, 'ERROR' from now on"
    stop = (
        f"STOP: Level is 'DEBUG', and no file has said so: write it into {stage}, or "
        "overwrite it"
    )
    options = ("--stage", str(stage), "--overwrite", "Level")

    assert run(options=options[:2]) == (1, [told, stop])
    assert run(options=options) == (0, [told])
    assert run(options=("--parameter", "Level=ERROR")) == (0, [told])
    assert not capsys.readouterr().err


def test_a_hidden_value_is_neither_shown_nor_compared(run: Run, tmp_path: Path) -> None:
    """CloudFormation says stars for it."""
    hidden = ("Default: INFO}", "Default: INFO, NoEcho: true}")
    kept = {"stack": "s", "template": SHOP, "parameters": {"Level": "****"}}
    (tmp_path / "kept.json").write_text(json.dumps(kept))
    (tmp_path / "stage.yaml").write_text("Level: ERROR\n")

    options = ("--stage", str(tmp_path / "stage.yaml"))

    assert run(hidden, options=options)[1] == []


@pytest.mark.parametrize("text", [None, "[]", "Resources: []"])
def test_what_is_no_template_is_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    """No traceback; a file that is missing is a wrong call."""
    (tmp_path / "new.yaml").write_text(SHOP)
    if text:
        (tmp_path / "old").write_text(text)

    status = main(
        ["plan", str(tmp_path / "new.yaml"), "--against", str(tmp_path / "old")]
    )

    assert status == (1 if text else 2)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("sam-harness plan: ")
