"""``sam-harness up``: a project that has never heard of us runs until Ctrl-C."""

# ruff: noqa: S603 - it starts the command

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from sam_harness import project
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.emulator_mode(
    "embedded", reason="it is about a command that starts one of its own"
)
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Word: {Type: String}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /a/secret}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.7
      Handler: app.handler
      CodeUri: .
      Environment: {Variables: {SAID: !Sub "${Word} ${Secret}"}}
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get}}
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
  Broken:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.7, Handler: broken.handler, CodeUri: .}
"""
CODE = """
import os
def handler(event, context):
    return {"statusCode": 200, "body": os.environ["SAID"]}
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a project whose function takes its code from the whole folder."""
    home = tmp_path / "foreign"
    home.mkdir()
    (home / "template.yaml").write_text(TEMPLATE)
    (home / "app.py").write_text(CODE)
    (home / "broken.py").write_text("import no_such_library as handler\n")
    # To make the environments anew takes many seconds; else they are the user's.
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.sam-harness]\ncache = "{project.current().cache}"\n'
    )
    return home


@pytest.fixture
def up(foreign: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield the command, started in another folder; its output is in ``out``."""
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sam_harness", "up", foreign / "template.yaml",
             "--parameter", "Word=hello", "--ssm", "/a/secret=world",
             "--runtime-instead", "python3.13", "--allow-unproven", "Broken"],
            cwd=tmp_path, stdout=out, stderr=out,
        )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def test_it_prints_what_can_be_called_and_ends_with_ctrl_c(
    up: subprocess.Popen[bytes], foreign: Path, tmp_path: Path
) -> None:
    """With status 0; nothing of ours is left in the project's folder."""

    def said() -> str:
        assert up.poll() is None, (tmp_path / "out").read_text()
        return (tmp_path / "out").read_text()

    text = wait_until(
        said, lambda text: "Ctrl-C stops" in text, what="the stack", timeout_s=120
    )
    found = re.search(r"^function URL +HelloUrl: (\S+)", text, re.MULTILINE)
    assert found, text
    with urlopen(found[1], timeout=20) as answer:  # noqa: S310 - the emulator's own
        assert answer.read() == b"hello world"
    assert re.search(
        r"GET http://127\.0\.0\.1:\d+/_aws/\S+/Prod/hello$", text, re.MULTILINE
    )
    assert "not provable  what other runtimes than python3.13 do" in text
    assert re.search(
        r"^not started   Broken \(up-Broken-.*no_such_libr", text, re.MULTILINE
    )

    up.send_signal(signal.SIGINT)

    assert up.wait(30) == 0
    assert "Traceback" not in (tmp_path / "out").read_text()
    assert sorted(file.name for file in foreign.iterdir()) == [
        "app.py",
        "broken.py",
        "template.yaml",
    ]
