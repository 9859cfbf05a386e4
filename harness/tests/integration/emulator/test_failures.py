"""Functions that do not get to answer: what the invoker and the log are told."""

import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest

from harness.tests.integration.emulator.functions import Functions
from sam_harness.waiting import wait_until

SLEEPS_IN_A_TREE = """
    import os
    import subprocess
    import sys
    import time

    def handler(event, context):
        if event:
            print("about to sleep")
            # A grandchild in a session of its own: killing a group would miss it.
            tree = [sys.executable, "-c", "import time; time.sleep(600)", event]
            subprocess.Popen(tree, start_new_session=True)
            time.sleep(600)
        return os.getpid()
"""
TELLS_ITS_PID = """
    import os

    def {}(event, context):
        return os.getpid()
"""


def processes_with(argument: str) -> list[int]:
    """Return the ids of the processes with ``argument`` on their command line.

    This machine sees those in a container too, by ids of its own.
    """
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if argument.encode() in line.read_bytes().split(b"\0"):
                found.append(int(line.parent.name))
        except OSError:
            continue
    return found


def test_a_timeout_ends_the_process_tree_and_the_next_call_starts_anew(
    functions: Functions,
) -> None:
    """Sandbox.Timedout, the timeout in the log, no orphan, a new process."""
    function = functions.create(SLEEPS_IN_A_TREE, timeout_s=1)
    before = function.invoke().payload

    answer = function.invoke(function.name)

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Sandbox.Timedout"
    assert answer.payload["errorMessage"].endswith(
        "Error: Task timed out after 1.00 seconds"
    )
    assert processes_with(function.name) == []
    log = function.log(until="Status: timeout")
    assert any(line.endswith("Task timed out after 1.00 seconds\n") for line in log)
    assert "about to sleep\n" in log
    after = function.invoke()
    assert after.error is None
    assert after.payload != before


def test_a_killed_process_is_an_exit_error_with_its_whole_log(
    functions: Functions,
) -> None:
    """What was printed before SIGKILL is in the log; the next call works."""
    function = functions.create("""
        import os

        def handler(event, context):
            if event:
                os.write(1, b"x" * 200_000 + b" last words")
                os.kill(os.getpid(), 9)
            return "alive"
    """)

    answer = function.invoke("die")

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith(
        "Error: Runtime exited with error: signal: killed"
    )
    log = function.log(until="signal: killed")
    assert any(line.endswith("xxx last words\n") for line in log)
    assert function.invoke().payload == "alive"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("sys.exit(3)", "exit status 3"),
        ("os._exit(0)", "without providing a reason"),
    ],
)
def test_a_function_that_exits_is_an_exit_error(
    functions: Functions, statement: str, reason: str
) -> None:
    """The exit status is in the answer."""
    function = functions.create(f"""
        import os
        import sys

        def handler(event, context):
            {statement}
    """)

    answer = function.invoke()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert reason in answer.payload["errorMessage"]


@pytest.mark.parametrize(
    ("source", "handler", "error_type", "message"),
    [
        (
            "import no_such_library",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'no_such_library'",
        ),
        (
            "SETTINGS = int('none')",
            "app.handler",
            "ValueError",
            "invalid literal for int() with base 10: 'none'",
        ),
        (
            "def handler(event, context): pass",
            "app.missing",
            "Runtime.HandlerNotFound",
            "Handler 'missing' missing on module 'app'",
        ),
        (
            "def handler(",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app'",
        ),
        (
            "raise SystemExit(4)",
            "app.handler",
            "Runtime.ExitError",
            "Runtime exited with error: exit status 4",
        ),
    ],
    ids=["import", "exception", "no handler", "syntax", "exit"],
)
def test_a_failed_initialisation_is_the_answer_and_in_the_log(
    functions: Functions, source: str, handler: str, error_type: str, message: str
) -> None:
    """Error type and message reach invoker and log, also for the second call."""
    function = functions.create(source, handler=handler)

    answers = [function.invoke(), function.invoke()]

    for answer in answers:
        assert answer.error == "Unhandled"
        assert answer.payload["errorType"] == error_type
        assert message in answer.payload["errorMessage"]
    log = function.log(until=f"RequestId: {answers[1].payload.get('requestId', '')}")
    assert any(message in line for line in log)
    assert any(
        "INIT_REPORT" in line and f"Error Type: {error_type}" in line for line in log
    )


def test_a_process_killed_between_calls_is_replaced(functions: Functions) -> None:
    """A warm process that died while idle costs a cold start, not an error."""
    name = f"handler_{uuid4().hex[:8]}"
    function = functions.create(TELLS_ITS_PID.format(name), handler=f"app.{name}")
    before = function.invoke().payload
    [process] = processes_with(f"app.{name}")
    os.kill(process, signal.SIGKILL)
    wait_until(
        Path(f"/proc/{process}").exists,
        lambda exists: not exists,
        what=f"process {process}",
        timeout_s=5,
    )

    after = function.invoke()

    assert after.error is None
    assert after.payload != before


def test_a_deleted_function_leaves_no_process(functions: Functions) -> None:
    """Deleting a function ends its execution environments."""
    name = f"handler_{uuid4().hex[:8]}"
    function = functions.create(TELLS_ITS_PID.format(name), handler=f"app.{name}")
    function.invoke()
    assert len(processes_with(f"app.{name}")) == 1

    function.session.client("lambda").delete_function(FunctionName=function.name)

    wait_until(
        lambda: processes_with(f"app.{name}"),
        lambda running: not running,
        what="processes of the deleted function",
        timeout_s=10,
    )


@pytest.mark.parametrize(
    ("runtime", "reason"),
    [("nodejs22.x", "runtime nodejs22.x"), ("python3.12", "runtime python3.12")],
)
def test_a_runtime_that_is_not_there_is_refused_by_name(
    functions: Functions, runtime: str, reason: str
) -> None:
    """The function does not become active, and says why: no silent substitute."""
    function = functions.create("", state="Failed", Runtime=runtime)

    told = function.session.client("lambda").get_function_configuration(
        FunctionName=function.name
    )
    assert f"{function.name}: {reason} cannot be run here" in told["StateReason"]
