"""Starting and stopping: nothing is left, nothing is shared, failures are explained."""

# ruff: noqa: S603 - it starts processes to see them end

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tests.integration.emulator.functions import Functions, make_role
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import Emulator
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

STARTS_ONE = """
import sys
from threading import Thread
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

def pid():
    try:
        return emulator.pid
    except HarnessError:
        return None

emulator = EmbeddedLocalStack(services=("sqs",))
start = Thread(target=emulator.start, daemon=True)
start.start()
wait_until(pid, bool, what="process", timeout_s=60, poll_s=0.01)
if sys.argv[1] == "started":
    start.join()
print(emulator.pid, emulator.log_path.parent, flush=True)
sys.stdin.read()
"""


pytestmark = pytest.mark.emulator_mode(
    "embedded", reason="it is about the processes of this machine"
)


def gone(pid: int, *, within_s: float = 10) -> None:
    """Wait until process ``pid`` is gone."""
    wait_until(
        Path(f"/proc/{pid}").exists,
        lambda exists: not exists,
        what=f"process {pid} still runs",
        timeout_s=within_s,
    )


@pytest.fixture
def owner(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that has started a LocalStack and waits for its input's end.

    Its parameter tells how far: ``starting`` or ``started``.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE, request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a thread that is interrupted says so there
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.parametrize(
    ("owner", "number"),
    [("starting", signal.SIGINT), ("started", signal.SIGKILL)],
    indirect=["owner"],
)
def test_localstack_and_its_files_go_with_their_owner(
    owner: subprocess.Popen[str], number: signal.Signals
) -> None:
    """Without a stop(). That all ends of an owner are the same is a unit test."""
    assert owner.stdout
    pid, directory = owner.stdout.readline().split()
    assert Path(f"/proc/{pid}").exists()

    owner.send_signal(number)

    gone(int(pid))
    wait_until(
        Path(directory).exists,
        lambda exists: not exists,
        what=f"{directory} still exists",
        timeout_s=5,
    )


def test_a_taken_port_is_named() -> None:
    """The message says which port, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(HarnessError, match=f"port {port} is taken.*another port"):
            EmbeddedLocalStack(port=port).start()


def test_localstack_listens_on_loopback_only(emulator: Emulator) -> None:
    """Its own reading of GATEWAY_LISTEN would be every interface of the machine."""
    port = int(emulator.endpoint_url.rpartition(":")[2])

    listening = subprocess.run(
        ["ss", "-Hltn", f"sport = :{port}"],  # noqa: S607 - iproute2, on PATH
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert f"127.0.0.1:{port}" in listening
    assert len(listening) == 5


def test_a_localstack_without_pieces_of_our_plugin_is_refused() -> None:
    """Each misspelling would silently be replaced by LocalStack's default.

    That each of them alone is enough is a unit test, of readiness.
    """
    emulator = EmbeddedLocalStack(
        variables={
            "PROVIDER_OVERRIDE_DYNAMODB": "mto",
            "PROVIDER_OVERRIDE_S3": "default-",
            "LAMBDA_RUNTIME_EXECUTOR": "proces",
            "IAM_GATE": "off",
        }
    )

    with pytest.raises(HarnessError, match="runs without our plugin") as refused:
        emulator.start()

    said = str(refused.value)
    for piece in ("'executor': None", "'dynamodb': None", "'s3': None"):
        assert piece in said
    # Off is for a LocalStack that is started by hand.
    assert "'gate': 'off'" in said
    assert not emulator.is_running


def test_functions_go_with_localstack() -> None:
    """LocalStack is SIGKILLed: it has no time to end its functions itself."""
    services = ("s3", "sqs", "logs", "lambda")
    with EmbeddedLocalStack(services=services) as emulator:
        functions = Functions(emulator.session(), make_role(emulator.session()))
        function = functions.create("""
            import os
            import subprocess

            def handler(event, context):
                child = subprocess.Popen(["sleep", "600"], start_new_session=True)
                return [os.getpid(), child.pid]
        """)
        pids = function.invoke().payload
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)

        os.kill(emulator.pid, signal.SIGKILL)

        for pid in pids:
            gone(pid)
