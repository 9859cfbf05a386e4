"""Run a command so that nothing of it outlives its starter, however that ends.

``start`` runs this file, as ``python -I -S processes.py``, as the supervisor of one
command. The supervisor's standard input carries one dictionary (``command``, ``env``,
``cwd``, ``scratch``, ``root``) by marshal, then stays open as a lifeline: when it
closes, because the starter closed it or died, the command is killed, and so is every
process that the command ever started, in sessions of their own too; then the directory
``scratch`` is removed. If the command ends by itself, what it started is killed, and
``scratch`` is left. Standard output is the command's output. Standard error carries the
command's process id, or why it could not be started.

The supervisor is a process of its own with a single thread, because PR_SET_PDEATHSIG
fires when the *thread* that started the child ends, and starters have many threads.
Every command waits for the imports of this file, so it imports little: without typing,
pathlib, dataclasses and json a start is 25 ms sooner.
"""

from __future__ import annotations

import contextlib
import ctypes
import marshal
import os
import select
import signal
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import IO, Any

# Of marshal: the newest that every Python 3 reads.
_FORMAT = 2
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervised:
    """A running command; ``pid`` is the command's own process id."""

    def __init__(self, pid: int, supervisor: subprocess.Popen[bytes]) -> None:
        self.pid = pid
        self.supervisor = supervisor

    def end(self, timeout_s: float) -> int:
        """End the command and all it started; returns its exit status.

        Raises:
            subprocess.TimeoutExpired: even SIGKILL did not help in ``timeout_s``.
        """
        self._close_lifeline()
        return self.supervisor.wait(timeout_s)

    def wait(self) -> int:
        """Wait until the command ends by itself; negative: the signal it died of."""
        status = self.supervisor.wait()
        self._close_lifeline()
        return status

    @property
    def has_ended(self) -> bool:
        """Whether the command, and everything it started, is gone."""
        return self.supervisor.poll() is not None

    @property
    def command_has_ended(self) -> bool:
        """Whether the command itself is dead; its supervisor may not know that yet."""
        try:
            return _state_and_parent(self.pid)[0] in {b"Z", b"X"}
        except OSError:
            return True

    def _close_lifeline(self) -> None:
        if self.supervisor.stdin:
            self.supervisor.stdin.close()


def start(  # noqa: PLR0913 - what a process has
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int | IO[bytes],
    scratch: Path | None = None,
    root: Mapping[str, object] | None = None,
) -> Supervised:
    """Start ``command`` with exactly ``env``; both its outputs go to ``output``.

    ``scratch``, a directory, is removed with it: when it is ended, not when it ends.
    ``root``: what files it sees, where not this machine's; see sam_harness.root.enter.

    Raises:
        OSError: the command could not be started.
    """
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    assert supervisor.stdin
    assert supervisor.stderr
    with contextlib.ExitStack() as failing:  # by a signal, too: only here it is known
        failing.callback(supervisor.wait)
        failing.callback(supervisor.stdin.close)
        with supervisor.stderr as reports:
            said = order(command, env=env, cwd=str(cwd), scratch=scratch, root=root)
            supervisor.stdin.write(said)
            supervisor.stdin.flush()
            pid, _, trouble = reports.read().decode(errors="replace").partition("\n")
        if trouble or not pid.isdigit():
            raise OSError((trouble or pid).strip() or "the supervisor did not start")
        failing.pop_all()
    return Supervised(int(pid), supervisor)


def order(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    scratch: Path | None = None,
    root: Mapping[str, object] | None = None,
) -> bytes:
    """Return what a supervisor, which may be in a container, is to be told at first."""
    told = {
        "command": list(command),
        "env": dict(env),
        "cwd": cwd,
        "scratch": str(scratch) if scratch else None,
        "root": dict(root) if root else None,
    }
    return marshal.dumps(told, _FORMAT)


def _supervise(order: Mapping[str, Any]) -> int:
    """Run the command until it or standard input ends; returns its exit status.

    Negative: the signal it died of. Nothing that it started is left then.
    """
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    child = _fork(order)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    exit_code, was_ended = _wait_or_end(child)
    _kill_all()
    # If it ended by itself its starter may want to know why, and look there.
    if was_ended and order["scratch"]:
        import shutil  # noqa: PLC0415 - 10 ms that functions' processes do without

        shutil.rmtree(order["scratch"], ignore_errors=True)
    return exit_code


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _fork(order: Mapping[str, Any]) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    reports = os.dup(2)  # closed by a successful exec: that is the good report
    try:
        # Not by the parent: it might come after the reason of a failure.
        os.write(reports, f"{os.getpid()}\n".encode())
        os.setsid()
        if order["root"]:
            _enter(order["root"])
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (*_IGNORED, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        if os.getppid() == parent:
            os.chdir(order["cwd"])
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(1, 2)
            os.execve(order["command"][0], order["command"], order["env"])  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(reports, f"{error}\n".encode())
    os._exit(127)


def _enter(root: Mapping[str, Any]) -> None:
    # As a script this file knows of no package, and most commands do without.
    sys.path.append(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 - its import
    from sam_harness.root import enter  # noqa: PLC0415

    enter(root)


def _wait_or_end(child: int) -> tuple[int, bool]:
    """Return the exit code of ``child``, and whether it had to be ended."""
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, 0], [], [])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return exit_code, ended not in ready


def _kill_all() -> None:
    # Orphans of a killed process become this process's children, hence the loop.
    while _reap():
        for child in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        select.select([], [], [], 0.002)


def _reap() -> bool:
    """Collect what has died; return whether any child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _children() -> list[int]:
    """Process ids whose parent is this process."""
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):  # noqa: PTH208 - its import
        try:
            state, parent = _state_and_parent(pid)
        except OSError:
            continue
        if parent == os.getpid() and state != b"Z":
            found.append(pid)
    return found


def _state_and_parent(pid: int) -> tuple[bytes, int]:
    """Read a process's state, one letter, and its parent; OSError: it is gone."""
    with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - its import
        # The name, in parentheses, may hold spaces and parentheses itself.
        state, parent = stat.read().rpartition(b")")[2].split()[:2]
    return state, int(parent)


def main() -> None:
    """Supervise one command; ends in the way the command ended."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    try:
        order = marshal.load(sys.stdin.buffer)  # noqa: S302 - from its own starter
    except EOFError:
        sys.exit()  # the starter died before it had said what to start
    exit_code = _supervise(order)
    if exit_code < 0:
        if -exit_code in _IGNORED:
            signal.signal(-exit_code, signal.SIG_DFL)
        os.kill(os.getpid(), -exit_code)
    os._exit(exit_code)


if __name__ == "__main__":
    main()
