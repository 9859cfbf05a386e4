"""A LocalStack that outlives the run: shared, checked, replaced, and ended in time."""

# ruff: noqa: S603 - it starts a process to see it killed

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from harness.emulator import kept, kept_state
from harness.emulator.kept import Wanted
from harness.emulator.kept_lease import Lease
from harness.emulator.reachable import Emulator
from harness.environments import ROOT
from harness.errors import HarnessError
from harness.polling import wait_until

pytestmark = pytest.mark.emulator_mode(
    "embedded", reason="it is about the processes of this machine"
)
# Left by a run that was killed, it ends by itself.
ABANDONED_S = 20.0
WANTED = Wanted(services=("sqs",), idle_s=ABANDONED_S)
# Takes a lease, says which, and lives until it is killed.
A_RUN = """
import sys
from pathlib import Path
from harness.emulator import kept
lease = kept.take(print, Path(sys.argv[1]), kept.Wanted(services=("sqs",)))
print(lease.account(0), flush=True)
sys.stdin.read()
"""


def take(home: Path, wanted: Wanted = WANTED) -> tuple[Lease, list[str]]:
    """Return a lease, and what was said on the way."""
    said: list[str] = []
    return kept.take(said.append, home, wanted), said


def process(home: Path) -> int:
    """Return the process of the LocalStack that is kept."""
    state = kept_state.read(home)
    assert state
    return state.pid


def gone(pid: int) -> None:
    """Wait until a process is gone."""
    wait_until(
        Path(f"/proc/{pid}").exists,
        lambda exists: not exists,
        what=f"process {pid} still runs",
        timeout_s=20,
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the home of a LocalStack that is kept, and used by a run."""
    home = tmp_path_factory.mktemp("kept")
    lease, _ = take(home, replace(WANTED, services=("sqs", "s3", "sns")))
    yield home
    pid = process(home)
    lease.release()
    # A test that failed may hold a lease still.
    assert kept.stop(home, force=True)
    gone(pid)
    assert not kept.stop(home)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Yield a home where nothing is kept yet."""
    yield tmp_path
    kept.stop(tmp_path, force=True)


def test_runs_share_it_in_accounts_of_their_own(shared: Path) -> None:
    """Also at the same time, each with several processes; nothing is started."""
    (one, said), (other, also_said) = take(shared), take(shared)
    accounts = [lease.account(number) for lease in (one, other) for number in (0, 1)]
    session = one.emulator.session(accounts[0])
    session.client("sqs").create_queue(QueueName="of-one")

    assert not said + also_said
    assert len(set(accounts)) == 4
    assert one.emulator.endpoint_url == other.emulator.endpoint_url
    listed = other.emulator.session(accounts[2]).client("sqs").list_queues()
    assert not listed.get("QueueUrls")
    one.release()
    other.release()


def test_one_and_another_share_nothing(shared: Path, emulator: Emulator) -> None:
    """The kept one and the run's: same names and account, a port and contents each."""
    lease, _ = take(shared)
    one, other, name = emulator, lease.emulator, f"shared-{uuid4().hex}"
    assert one.endpoint_url != other.endpoint_url
    for session, text in ((one.session(), b"one"), (other.session(), b"other")):
        s3 = session.client("s3")
        s3.create_bucket(Bucket=name)
        s3.put_object(Bucket=name, Key="key", Body=text)
    one.session().client("sqs").create_queue(QueueName=name)

    assert "QueueUrls" not in other.session().client("sqs").list_queues()
    read = one.session().client("s3").get_object(Bucket=name, Key="key")
    assert read["Body"].read() == b"one"
    lease.release()


def test_services_are_loaded_before_anybody_calls_them(shared: Path) -> None:
    """Nobody calls SNS here; asked for a second time, nothing is loaded again."""
    lease, _ = take(shared)
    url = lease.emulator.endpoint_url

    wait_until(
        lambda: requests.get(f"{url}/_localstack/health", timeout=5).json()["services"],
        lambda services: services["sns"] == "running",
        what="SNS is not loaded",
        timeout_s=20,
    )

    again = requests.post(f"{url}/_harness/preload", timeout=5)
    assert again.json() == {"starts": False}
    lease.release()


def test_one_in_use_is_neither_replaced_nor_stopped(shared: Path) -> None:
    """Its user would lose it in the middle of a test."""
    pid = process(shared)

    with pytest.raises(HarnessError, match=r"have changed.*another run uses it"):
        take(shared, replace(WANTED, key="of another kind"))
    with pytest.raises(HarnessError, match="a run uses the kept LocalStack"):
        kept.stop(shared)

    assert process(shared) == pid


def test_a_run_that_is_killed_is_cleaned_up_after(shared: Path) -> None:
    """Its lock is the kernel's to give back; LocalStack stays."""
    with subprocess.Popen(
        [sys.executable, "-c", A_RUN, shared],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    ) as run:
        assert run.stdout
        account = run.stdout.readline().strip()
        assert (shared / "runs" / account).exists()

        run.send_signal(signal.SIGKILL)

        wait_until(
            (shared / "runs" / account).exists,
            lambda exists: not exists,
            what=f"run {account} is not cleaned up after",
            timeout_s=20,
        )
    assert Path(f"/proc/{process(shared)}").exists()


def test_a_lost_one_and_one_of_another_kind_are_replaced_and_an_idle_one_ends(
    home: Path,
) -> None:
    """What a dead one left behind is no obstacle; a living one is gone before.

    Of another kind: plugin, flags or libraries have changed.
    """
    left = kept_state.State(1, "http://127.0.0.1:1", "r", "d", "l", WANTED.key, "0:00")
    kept_state.write(home, left)
    (home / "runs").mkdir()
    (home / "runs" / "200000000000").write_text("200000000000\n")

    lease, said = take(home, replace(WANTED, key="of another kind"))

    assert said[0] == "replacing the kept LocalStack: its keeper is gone"
    old = process(home)
    lease.release()

    lease, said = take(home, replace(WANTED, idle_s=0.1))

    assert "replacing the kept LocalStack: plugin, flags or libraries have" in said[0]
    assert not Path(f"/proc/{old}").exists()
    new = process(home)
    assert new != old
    lease.release()
    gone(new)
    assert kept_state.read(home) is None
