"""A run of pytest that is ended takes its workers and its LocalStack with it."""

# ruff: noqa: S603 - it starts a run of pytest

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.emulator_mode(
    "embedded", reason="it is about the processes of this machine"
)

WAITS = """
import os
import threading
from pathlib import Path

def test_that_waits(emulator):
    told = Path(__file__).with_name("draft")
    told.write_text(f"{os.getpid()} {emulator.log}")
    told.rename(told.with_name("told"))
    threading.Event().wait()
"""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a run with a worker, which waits for ever in its test.

    The environments of this project are its own: to make them takes many seconds.
    """
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.sam-harness]\ncache = "{project.current().cache}"\n'
    )
    (tmp_path / "conftest.py").write_text(
        'pytest_plugins = ["sam_harness.pytest_plugin.plugin"]\n'
    )
    (tmp_path / "test_waits.py").write_text(WAITS)
    command = [sys.executable, "-m", "pytest", "--disable-plugin-autoload",
               "-p", "no:cacheprovider", "-p", "xdist", "-n", "1",
               "--rootdir", str(tmp_path), "--config-file", os.devnull,
               "--emulator", "embedded", str(tmp_path)]  # fmt: skip
    # What it leaves behind is seen there.
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with (
        (tmp_path / "output").open("wb") as output,
        subprocess.Popen(
            command,
            env=os.environ | {"TMPDIR": str(scratch)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        yield process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_workers_and_localstack_end_with_a_run_that_is_terminated(
    run: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The signal reaches only the process that was started: CI systems do that."""
    told = tmp_path / "told"
    wait_until(
        lambda: (told.exists(), run.poll()),
        lambda seen: seen != (False, None),
        what="the run to be in its test",
        timeout_s=60,
    )
    assert told.exists(), (tmp_path / "output").read_text()
    worker, log = told.read_text().split()

    run.terminate()

    assert run.wait(timeout=60) == 128 + signal.SIGTERM
    wait_until(
        lambda: [path for path in (Path("/proc", worker), Path(log)) if path.exists()],
        lambda left: not left,
        what="the end of worker and LocalStack",
        timeout_s=10,
    )


def test_localstack_ends_with_a_run_that_is_terminated_while_it_starts(
    run: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The run still waits for it, or has not even made its workers."""
    scratch = tmp_path / "scratch"
    wait_until(
        lambda: (list(scratch.glob("localstack-*")), run.poll()),
        lambda seen: seen != ([], None),
        what="the start of LocalStack",
        timeout_s=60,
        poll_s=0.001,
    )
    assert run.poll() is None, (tmp_path / "output").read_text()

    run.terminate()

    assert run.wait(timeout=60) == 128 + signal.SIGTERM
    wait_until(
        lambda: [
            *scratch.glob("localstack-*"),
            *(path for path in Path("/proc").glob("[0-9]*") if uses(path, scratch)),
        ],
        lambda left: not left,
        what="the end of worker and LocalStack, and of its folder",
        timeout_s=10,
    )


def uses(process: Path, folder: Path) -> bool:
    """Tell whether a process has its temporary files there, as LocalStack has."""
    try:
        return str(folder).encode() in (process / "environ").read_bytes()
    except OSError:  # it is gone, or another user's
        return False
