"""What files a function sees: Lambda's, where the emulator's system allows it."""

# ruff: noqa: S603 - it starts a LocalStack on another system

import subprocess
import sys

import boto3
import pytest

from harness.tests import namespaces
from harness.tests.integration.emulator.functions import Functions, published

TOLD = "that a function has its code at /var/task, its layers at /opt"
LOOKS = """
import os, time
from pathlib import Path

def wrote(path):
    try:
        return bool(Path(path).write_text("x"))
    except OSError as error:
        return error.strerror

def handler(event, context):
    mine = Path("/tmp", context.function_name)
    calls = int(mine.read_text()) + 1 if mine.exists() else 1
    mine.write_text(str(calls))
    time.sleep(event["sleep_s"])
    return {
        "cwd": os.getcwd(),
        "file": __file__,
        "root": os.environ["LAMBDA_TASK_ROOT"],
        "wrote": [wrote("/var/task/x"), wrote(Path.home() / "x")],
        "calls": calls,
        "others": [Path("/tmp", name).exists() for name in event["others"]],
        "opt": sorted(os.listdir("/opt")),
    }
"""
ON_ANOTHER_SYSTEM = """
from harness.tests import namespaces
from harness.tests.integration.emulator.functions import Functions, make_role
from sam_harness.emulator import unproven
from sam_harness.emulator.embedded import EmbeddedLocalStack

with EmbeddedLocalStack(services=("s3", "sqs", "logs", "lambda")) as emulator:
    functions = Functions(emulator.session(), make_role(emulator.session()))
    source = "def handler(event, context): return 'it runs'"
    print(functions.create(source).invoke().payload)
    print(*unproven.lines(emulator.endpoint_url, "000000000000"))
"""


@pytest.mark.emulator_mode("embedded", reason="Docker allows no namespaces")
@pytest.mark.needs_namespaces
def test_a_function_has_lambdas_paths_and_writes_to_tmp_alone(
    session: boto3.Session, functions: Functions
) -> None:
    """Code and layers are where AWS has them; so error messages say the same."""
    layer = published(session, {"python/shared.py": "", "read.me": "x"})
    function = functions.create(LOOKS, Layers=[layer])

    seen = function.invoke({"sleep_s": 0, "others": []}).payload

    assert seen == {
        "cwd": "/var/task",
        "file": "/var/task/app.py",
        "root": "/var/task",
        "wrote": ["Read-only file system"] * 2,
        "calls": 1,
        "others": [],
        "opt": ["python", "read.me"],
    }


@pytest.mark.emulator_mode("embedded", reason="Docker allows no namespaces")
@pytest.mark.needs_namespaces
def test_tmp_is_of_one_execution_environment_and_outlives_a_timeout(
    functions: Functions,
) -> None:
    """A new process after the timeout finds what the one before it has left."""
    function, other = functions.create(LOOKS, timeout_s=1), functions.create(LOOKS)

    assert function.invoke({"sleep_s": 5, "others": []}).error == "Unhandled"

    again = function.invoke({"sleep_s": 0, "others": []}).payload
    assert again["calls"] == 2
    seen = other.invoke({"sleep_s": 0, "others": [function.name]}).payload
    assert seen["others"] == [False]


@pytest.mark.emulator_mode("embedded", reason="it is about this machine's system")
@pytest.mark.needs_namespaces
def test_without_namespaces_functions_run_and_one_line_tells_what_they_lack() -> None:
    """As in containers, or where Ubuntu's AppArmor forbids them."""
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    started = [*namespaces.IN_NAMESPACE, "sh", "-ec", forbid, "sh", sys.executable]

    told = subprocess.run(
        [*started, "-c", ON_ANOTHER_SYSTEM], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert told[0] == "it runs"
    assert told[1].startswith(f"{TOLD}, and can write to a /tmp of its own alone: ")
    assert told[1].count(TOLD) == 1
