"""The commands, on moto's queues."""

import json
import re
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from harness.tests.unit.dlq.conftest import Place
from sam_harness import cli
from sam_harness.dlq import queues
from sam_harness.dlq.purge import delete_all
from sam_harness.errors import HarnessError


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an empty queue say so at once: moto has all its messages in one place."""
    monkeypatch.setattr(queues, "WAIT_S", 0)


def run(place: Place, *arguments: str) -> int:
    """Run a command as the command line does."""
    options = ["--stack", place.stack, "--region", "us-east-1"]
    return cli.main(["dlq", *arguments, *options])


def test_peek_shows_a_message_and_leaves_it_visible(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Id, age, receives and the string fields of the body."""
    body = json.dumps({"orderId": "order-1", "version": 1})
    place.send_to_dlq(body)

    status = run(place, "peek")

    shown = capsys.readouterr().out
    assert status == 0
    assert "orders-dlq: 1 message, 1 shown" in shown
    assert re.search(r"sent \d+ s ago, received 0 times before this look", shown)
    assert "  orderId: order-1\n" in shown
    assert "version" not in shown
    assert place.bodies_in_dlq() == {body}


def test_peek_shows_no_more_than_the_limit_and_leaves_all_visible(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those that were received with the others."""
    bodies = {f"message {number}" for number in range(5)}
    place.send_to_dlq(*bodies)

    assert run(place, "peek", "--limit", "2") == 0

    assert "orders-dlq: 5 messages, 2 shown" in capsys.readouterr().out
    assert place.bodies_in_dlq() == bodies


def test_peek_keeps_control_characters_from_the_terminal(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A body is not ours: it may be anything that SQS takes."""
    place.send_to_dlq("first\nsecond\t" + "x" * 200)

    run(place, "peek")

    assert f"  body: first\\nsecond\\t{'x' * 65}…\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["redrive", "--dry-run"], "would move 1 message back to orders"),
        (["purge", "--dry-run"], "would save and delete 1 message"),
        (["purge", "--yes", "--dry-run"], "would save and delete 1 message"),
    ],
)
def test_a_dry_run_changes_nothing(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """It says what would happen."""
    place.send_to_dlq("kept")

    assert run(place, *arguments) == 0

    assert said in capsys.readouterr().out
    assert place.bodies_in_dlq() == {"kept"}


def test_purge_without_yes_is_refused(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, and nothing is deleted."""
    place.send_to_dlq("kept")

    assert run(place, "purge") == 2

    assert "give --yes" in capsys.readouterr().err
    assert place.bodies_in_dlq() == {"kept"}


def test_purge_saves_what_it_deletes(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """More than one call hands out, each with its attributes, for the owner only."""
    bodies = {f"message {number}" for number in range(12)}
    place.send_to_dlq(*bodies)
    place.clients.sqs.send_message(
        QueueUrl=place.dlq.queue.url,
        MessageBody="with attributes",
        MessageAttributes={
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00"},
        },
    )
    file = tmp_path / "saved.jsonl"

    assert run(place, "purge", "--yes", "--save-to", str(file)) == 0

    saved = [json.loads(line) for line in file.read_text().splitlines()]
    assert {message["Body"] for message in saved} == bodies | {"with attributes"}
    assert all(message["Attributes"]["SentTimestamp"] for message in saved)
    (attributed,) = [one for one in saved if one["Body"] == "with attributes"]
    assert attributed["MessageAttributes"]["raw"]["BinaryValue"] == "AA=="
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "deleted 13, saved in" in capsys.readouterr().out
    assert place.bodies_in_dlq() == set()


def test_purge_does_not_overwrite_a_file(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may hold the only copy of the last purge's messages."""
    file = tmp_path / "saved.jsonl"
    file.write_text("precious\n")
    place.send_to_dlq("kept")

    assert run(place, "purge", "--yes", "--save-to", str(file)) == 2

    assert "exists" in capsys.readouterr().err
    assert file.read_text() == "precious\n"
    assert place.bodies_in_dlq() == {"kept"}


def test_purge_that_cannot_write_deletes_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was received is visible again at once."""
    place.send_to_dlq("kept", "kept too")

    # /dev/full takes no byte, also when it is closed.
    with (
        suppress(OSError),
        Path("/dev/full").open("w", encoding="utf-8") as full,
        pytest.raises(HarnessError, match="still in the queue"),
    ):
        delete_all(place.clients.sqs, place.dlq, full, "full")

    assert capsys.readouterr().out == "deleted 0, saved in full\n"
    assert place.bodies_in_dlq() == {"kept", "kept too"}


def test_an_unknown_stack_is_an_error_in_one_line(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation's own words, without a traceback."""
    assert cli.main(["dlq", "peek", "--stack", "nope", "--region", "us-east-1"]) == 1

    error = capsys.readouterr().err
    assert error.startswith("sam-harness dlq: ")
    assert "nope" in error
    assert error.count("\n") == 1
    assert place.stack != "nope"


@pytest.mark.parametrize(
    ("named", "helps"), [([], "AWS_DEFAULT_REGION"), (["eu-west-1"], "aws configure")]
)
def test_without_region_or_credentials_it_is_said_what_to_do(
    named: list[str],
    helps: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As on a laptop on which AWS's tools were never configured."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    region = [f"--region={one}" for one in named]

    assert cli.main(["dlq", "peek", "--stack", "any", *region]) == 1

    assert helps in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["peek"],
        ["peek", "--stack", "x", "--limit", "0"],
        ["redrive", "--stack", "x", "--per-second", "many"],
    ],
)
def test_a_wrong_call_ends_with_2(arguments: list[str]) -> None:
    """As argparse does it."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["dlq", *arguments])

    assert ended.value.code == 2
