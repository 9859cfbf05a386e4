"""A run that attaches to a LocalStack which is running: this run's own."""

# ruff: noqa: S603 - it starts a run of pytest

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator

LOADS_THE_PLUGIN = 'pytest_plugins = ["sam_harness.pytest_plugin.plugin"]\n'
IS_DENIED = """
import json
import pytest

def test_that_is_denied(emulator, account_id, gate_decisions):
    session = emulator.session(account_id)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": account_id}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = session.client("iam").create_role(
        RoleName="nobody", AssumeRolePolicyDocument=policy)["Role"]
    given = session.client("sts").assume_role(
        RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    assumed = emulator.session(given["AccessKeyId"], given["SessionToken"])
    sqs = assumed.client("sqs")
    with pytest.raises(sqs.exceptions.ClientError, match="AccessDenied"):
        sqs.list_queues()
    [decision] = gate_decisions("nobody")
    assert decision["decision"] == "implicitDeny"
    session.client("cloudformation").create_stack(
        StackName="stays-for-a-test",
        TemplateBody=json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}))
"""
LOGS_AND_FAILS = """
def test_that_fails(emulator, account_id):
    emulator.session(account_id).client("sqs").create_queue(QueueName="in-the-log")
    raise AssertionError
"""

type Attach = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def attach(emulator: Emulator, tmp_path: Path) -> Attach:
    """Return what runs a test in a run of pytest that attaches to this run's."""

    def run(test: str, *options: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "conftest.py").write_text(LOADS_THE_PLUGIN)
        (tmp_path / "test_one.py").write_text(test)
        command = [sys.executable, "-m", "pytest", "--disable-plugin-autoload",
                   "-p", "no:cacheprovider", "-p", "xdist",
                   "--emulator", emulator.endpoint_url, *options,
                   "--rootdir", str(tmp_path), "--config-file", os.devnull,
                   str(tmp_path)]  # fmt: skip
        return subprocess.run(
            command, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


def test_runs_share_an_emulator_in_accounts_of_their_own(
    attach: Attach, emulator: Emulator, tmp_path: Path
) -> None:
    """The denials are reported, nothing of them stays, and LocalStack goes on."""
    ran = attach(IS_DENIED, "-n", "1")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = tmp_path / "reports" / "iam-decisions.jsonl"
    [decision] = [json.loads(line) for line in report.read_text().splitlines()]
    assert decision["decision"] == "implicitDeny"
    url, account = emulator.endpoint_url, decision["account"]
    assert gate_client.decisions(url, account=account) == []
    listed = emulator.session(account).client("cloudformation").describe_stacks()
    assert [stack["StackStatus"] for stack in listed["Stacks"]] == ["DELETE_COMPLETE"]
    gate_client.check_health(url)


@pytest.mark.emulator_mode("embedded", reason="its log is a file of this machine")
def test_the_log_of_a_failing_test_is_in_its_report(attach: Attach) -> None:
    """The log is found by the process that answers."""
    ran = attach(LOGS_AND_FAILS)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    _, title, log = ran.stdout.partition("LocalStack's log during the call")
    assert title
    assert "sqs.CreateQueue => 200" in log
