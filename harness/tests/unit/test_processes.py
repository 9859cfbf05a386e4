"""A supervised command, its children, and its starter."""

# ruff: noqa: S603 - it starts a process to see it end

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sam_harness import processes
from sam_harness.waiting import wait_until

STARTS_ONE = """
import signal, sys
from pathlib import Path
from sam_harness import processes

# A shell's background job, such as a CI run may be, is started with it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
here = Path(sys.argv[1])
with (here / "output").open("wb") as output:
    command = processes.start(
        ["/bin/sh", "-c", "trap '' INT TERM HUP; sleep 600"],
        env={}, cwd=here, output=output, scratch=here / "scratch",
    )
print(command.pid, flush=True)
sys.stdin.read()
"""


def shell(script: str, tmp_path: Path, **options: object) -> processes.Supervised:
    """Start a shell script; what it prints goes to ``tmp_path / "output"``."""
    with (tmp_path / "output").open("wb") as output:
        return processes.start(
            ["/bin/sh", "-c", script],
            env={"PATH": os.defpath},
            cwd=tmp_path,
            output=output,
            **options,  # type: ignore[arg-type] # passed through
        )


def printed(tmp_path: Path) -> list[str]:
    """Return the words printed so far, at least one."""
    return wait_until(
        lambda: (tmp_path / "output").read_text().split(),
        bool,
        what="output",
        timeout_s=5,
    )


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", -9), ("kill -15 $$", -15)],
)
def test_the_end_of_the_command_is_told(
    tmp_path: Path, script: str, status: int
) -> None:
    """Exit statuses are positive, signals negative."""
    assert shell(script, tmp_path).wait() == status


def test_the_command_gets_its_environment_directory_and_no_input(
    tmp_path: Path,
) -> None:
    """Nothing of this process's environment; standard input is empty."""
    shell("pwd; env | cut -d= -f1 | sort | tr '\\n' ' '; cat", tmp_path).wait()

    assert printed(tmp_path)[0] == str(tmp_path)
    assert set(printed(tmp_path)[1:]) <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}


def test_a_command_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    """The error is the operating system's own."""
    with (
        (tmp_path / "output").open("wb") as output,
        pytest.raises(OSError, match="No such file or directory: '/no/such/program'"),
    ):
        processes.start(["/no/such/program"], env={}, cwd=tmp_path, output=output)


def test_ending_a_command_ends_its_children_in_sessions_of_their_own(
    tmp_path: Path,
) -> None:
    """A killed process group would leave them behind."""
    command = shell("setsid sleep 600 & echo $!; wait", tmp_path)
    [child] = printed(tmp_path)

    status = command.end(5)

    assert status == -9
    assert not Path(f"/proc/{child}").exists()
    assert not Path(f"/proc/{command.pid}").exists()


def test_the_own_end_of_a_command_ends_its_children(tmp_path: Path) -> None:
    """What a command leaves behind is killed."""
    shell("setsid sleep 600 & echo $!", tmp_path).wait()

    [child] = printed(tmp_path)
    assert not Path(f"/proc/{child}").exists()


def test_a_dead_command_has_ended_before_its_supervisor_knows(tmp_path: Path) -> None:
    """Else the next call would be given to it."""
    command = shell("exec sleep 600", tmp_path)
    supervisor = command.supervisor
    assert isinstance(supervisor, subprocess.Popen)
    assert not command.command_has_ended

    os.kill(supervisor.pid, signal.SIGSTOP)
    os.kill(command.pid, signal.SIGKILL)
    wait_until(lambda: command.command_has_ended, bool, what="its end", timeout_s=5)
    assert Path(f"/proc/{command.pid}").exists()

    os.kill(supervisor.pid, signal.SIGCONT)
    assert command.wait() == -9
    assert command.command_has_ended


@pytest.mark.parametrize(("script", "is_left"), [("sleep 600", False), ("true", True)])
def test_the_scratch_directory_of_a_command_that_is_ended_is_removed(
    tmp_path: Path, script: str, *, is_left: bool
) -> None:
    """Where it ends by itself, the files may tell why."""
    scratch = tmp_path / "scratch"
    (scratch / "some").mkdir(parents=True)
    command = shell(script, tmp_path, scratch=scratch)
    if is_left:
        command.wait()

    command.end(5)

    assert scratch.exists() is is_left


@pytest.mark.parametrize(
    "number", [None, signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
)
def test_a_command_and_its_scratch_directory_go_with_the_starter(
    tmp_path: Path, number: signal.Signals | None
) -> None:
    """However that ends, at its end of input or by a signal, without a word."""
    scratch = tmp_path / "scratch"
    (scratch / "some").mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # an interrupted Python says so
        env={},
    ) as owner:
        assert owner.stdin
        assert owner.stdout
        command = Path(f"/proc/{owner.stdout.readline().decode().strip()}")
        assert command.exists()

        if number:
            owner.send_signal(number)
        else:
            owner.stdin.close()

        wait_until(
            lambda: (command.exists(), scratch.exists()),
            lambda left: left == (False, False),
            what="command and scratch directory, which should be gone",
            timeout_s=10,
        )
