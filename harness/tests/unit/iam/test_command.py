"""``sam-harness iam simulate``: input, output and exit status."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sam_harness
from sam_harness.cli import main

QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"


def a_case(**changes: object) -> dict[str, Any]:
    """Return a case that is allowed, by the statement Send."""
    allow = {"Sid": "Send", "Effect": "Allow", "Action": "sqs:*", "Resource": QUEUE}
    return {
        "identityPolicies": [{"Version": "2012-10-17", "Statement": [allow]}],
        "permissionsBoundary": None,
        "sessionPolicies": [],
        "resourcePolicy": None,
        "request": {
            "principal": "arn:aws:sts::111122223333:assumed-role/worker/one",
            "action": "sqs:SendMessage",
            "resource": QUEUE,
            "context": {},
        },
    } | changes


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Name a file for the cases."""
    return tmp_path / "cases.json"


def test_each_case_is_decided(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Decision and matched statements, in the order of the input."""
    deny = {"Effect": "Deny", "Action": "sqs:Send*", "Resource": "*"}
    denied = a_case(permissionsBoundary={"Statement": deny})
    cases.write_text(json.dumps([a_case(), denied, a_case(identityPolicies=[])]))

    assert main(["iam", "simulate", str(cases)]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "decision": "allowed",
            "matchedStatements": [
                {
                    "policy": "identityPolicies[0]",
                    "statement": "Send",
                    "effect": "Allow",
                }
            ],
        },
        {
            "decision": "explicitDeny",
            "matchedStatements": [
                {"policy": "permissionsBoundary", "statement": 0, "effect": "Deny"}
            ],
        },
        {"decision": "implicitDeny", "matchedStatements": []},
    ]


def test_the_package_needs_the_standard_library_only() -> None:
    """The gate imports it where none of our other dependencies are installed."""
    modules = "sam_harness.iam.command, sam_harness.iam.services"
    where = str(Path(sam_harness.__file__).parents[1])
    program = f"import sys; sys.path.insert(0, {where!r}); import {modules}"

    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)  # noqa: S603 - our own interpreter


def test_cases_are_read_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dash stands for it."""
    given = io.TextIOWrapper(io.BytesIO(json.dumps([a_case()]).encode()))
    monkeypatch.setattr("sys.stdin", given)

    assert main(["iam", "simulate", "-"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["decision"] == "allowed"


def test_assuming_a_role_is_decided_by_its_trust_policy(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trust policy has no Resource; here it is the resource policy."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    request = {
        "principal": "lambda.amazonaws.com",
        "action": "sts:AssumeRole",
        "resource": "arn:aws:iam::111122223333:role/worker",
    }
    case = {"resourcePolicy": {"Statement": [trust]}, "request": request}
    cases.write_text(json.dumps([case]))

    assert main(["iam", "simulate", str(cases)]) == 0
    assert json.loads(capsys.readouterr().out)[0]["decision"] == "allowed"


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (
            a_case(sessionPolicies=[{"Statement": [{"Sid": "X", "Effect": "Maybe"}]}]),
            "case 1: sessionPolicies[0]: statement 'X': Effect is 'Maybe'",
        ),
        (a_case(identityPolicies={}), "case 1: identityPolicies is not a list"),
        (a_case(identityPolicy=[]), "case 1: the case: unknown key 'identityPolicy'"),
        ({}, "case 1: request is not a JSON object"),
        (a_case(request={"principal": 1}), "case 1: request.action is missing"),
        (7, "case 1: the case is not a JSON object"),
    ],
)
def test_a_malformed_case_is_named(
    second: object, complaint: str, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message with the case's index, nothing on standard output, status 1."""
    cases.write_text(json.dumps([a_case(), second]))

    assert main(["iam", "simulate", str(cases)]) == 1
    printed = capsys.readouterr()
    assert complaint in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "No such file"),
        ("[", "is not JSON"),
        ("{}", "not a JSON list"),
        ('[{"request": {}, "request": {}}]', "key 'request' is given twice"),
        ("[NaN]", "NaN is not JSON"),
    ],
)
def test_a_file_that_is_no_list_of_cases_is_a_usage_error(
    text: str | None, complaint: str, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One message that names the file or says what is wrong, status 2."""
    if text is not None:
        cases.write_text(text)

    assert main(["iam", "simulate", str(cases)]) == 2
    printed = capsys.readouterr()
    assert complaint in printed.err
    assert len(printed.err.splitlines()) == 1
