"""Reserved concurrency: asked for only where there is some, and refused in time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.tests.unit.answering import answering
from harness.tests.unit.conftest import ENVIRONMENT
from sam_harness.cli import main
from sam_harness.deploying.command import reserved
from sam_harness.template.document import load

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Kept: {Type: Number, Default: 0}, Wanted: {Type: String, Default: "no"}}
Conditions:
  Keeps: !Not [!Equals [!Ref Kept, 0]]
  Wants: !Equals [!Ref Wanted, "yes"]
Globals:
  Function:
    {Runtime: python3.13, Handler: a.b, CodeUri: ., ReservedConcurrentExecutions: 7}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  Taker:
    Type: AWS::Serverless::Function
    Properties:
      ReservedConcurrentExecutions: !If [Keeps, !Ref Kept, !Ref AWS::NoValue]
  Asked:
    Type: AWS::Serverless::Function
    Condition: Wants
    Properties: {Handler: asked.handler}
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Handler: a.b, Runtime: python3.13, Role: r, Code: {ZipFile: "1"}}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return the file of a template whose functions may reserve."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


@dataclass(slots=True)
class Lambda:
    """What is known of the account, and how often it was asked for."""

    quota: int = 0
    asked: int = 0


@pytest.fixture
def of_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """Yield a Lambda on loopback; without a quota it denies the call."""
    account = Lambda()

    def answer() -> tuple[int, bytes]:
        account.asked += 1
        if not account.quota:
            return 403, b'{"__type": "AccessDeniedException"}'
        limit = {"ConcurrentExecutions": account.quota}
        return 200, json.dumps({"AccountLimit": limit}).encode()

    with answering(answer) as url:
        for name, value in ENVIRONMENT.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        yield account


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, 0),
        ({"Kept": "20"}, 20),
        ({"Wanted": "yes"}, 7),
        ({"Kept": "20", "Wanted": "yes"}, 27),
    ],
)
def test_what_functions_reserve_is_added_up(
    template: Path, given: dict[str, str], expected: int
) -> None:
    """Of those that are deployed with these parameters, Globals among them."""
    assert reserved(load(template), given) == expected


def deploy(template: Path, stage: str) -> int:
    """Deploy what was never built, with a stage's file; return the exit status."""
    file = template.with_name("stage.yaml")
    file.write_text(stage)
    return main(["deploy", str(template), "--built", "--stage", str(file)])


@pytest.mark.parametrize(
    ("has", "said"),
    [
        (10, "reserve 20 environments, and the account's quota is 10 concurrent"),
        (119, "ask AWS for 120"),
        (120, "there is no artefact"),
    ],
)
def test_a_deployment_stops_before_it_begins_where_the_quota_is_too_small(
    template: Path,
    of_lambda: Lambda,
    capsys: pytest.CaptureFixture[str],
    has: int,
    said: str,
) -> None:
    """Lambda keeps 100; a new account has 10 in all."""
    of_lambda.quota = has

    assert deploy(template, "Kept: 20") == 1

    assert said in capsys.readouterr().err


def test_a_role_that_may_not_ask_stops_the_deployment(
    template: Path, of_lambda: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not taken for a quota that suffices."""
    assert deploy(template, "Kept: 20") == 1

    assert "GetAccountSettings: AccessDeniedException" in capsys.readouterr().err
    assert of_lambda.asked == 1


def test_a_stage_that_reserves_nothing_is_not_asked_about(
    template: Path, of_lambda: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    """The role of former releases suffices for it."""
    assert deploy(template, "Kept: 0") == 1

    assert "there is no artefact" in capsys.readouterr().err
    assert of_lambda.asked == 0
