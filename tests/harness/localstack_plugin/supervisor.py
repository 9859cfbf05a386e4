"""Run one command so that nothing of it outlives whoever asked for it.

Started as ``python -I -S supervisor.py``. Standard input carries one dictionary
(``command``, ``env``, ``cwd``, ``grace_s``, ``scratch``) by marshal, then stays open as
a lifeline: when it closes, because the starter closed it or died in whatever way, the
command gets SIGTERM, ``grace_s`` seconds, and SIGKILL, and so does every process it
ever started, sessions of their own included; then the directory ``scratch`` is removed.
Where the command ends by itself, what it started is killed, and ``scratch`` is left.
Standard output is the command's output. Standard error carries the command's process
id, or why it could not be started.

A process of its own, single-threaded, because PR_SET_PDEATHSIG fires when the *thread*
that started the child ends, and the starter has many threads. Every command waits for
what is imported here: of json, pathlib and typing each would take 3 to 7 ms.
"""

from __future__ import annotations

import ctypes
import marshal
import os
import select
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def supervise(
    run: Callable[[int], object], cwd: str, grace_s: float
) -> tuple[int, bool]:
    """Call ``run``, which never returns, in a child, until it or standard input ends.

    ``run`` is given where to report an OSError to, or by closing it that all is well.
    Returns the child's exit status (negative: the signal it died of), and whether it
    had to be ended; nothing that it started is left then.
    """
    _ignore_signals()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    child = _start(run, cwd)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    ended = _wait_or_end(child, grace_s)
    _kill_all()
    return ended


def _ignore_signals() -> None:
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)


def prctl(option: int, value: int) -> None:
    """Set an option of this process; raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _start(run: Callable[[int], object], cwd: str) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    reports = os.dup(2)  # closed by a successful exec: that is the good report
    try:
        # Not by the parent: it might come after the reason of a failure.
        os.write(reports, f"{os.getpid()}\n".encode())
        os.setsid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (*IGNORED, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        if os.getppid() == parent:
            os.chdir(cwd)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(1, 2)
            run(reports)
    except OSError as error:
        os.write(reports, f"{error}\n".encode())
    os._exit(127)


def _children() -> list[int]:
    """Process ids whose parent is this process."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - its import
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123 - its import
                # The name, in parentheses, may hold spaces and parentheses itself.
                state, parent = stat.read().rpartition(b")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid() and state != b"Z":
            found.append(int(name))
    return found


def _reap() -> bool:
    """Collect what has died; return whether any child is left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _kill_all() -> None:
    # Orphans of a killed process become this process's children, hence the loop.
    while _reap():
        for child in _children():
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue
        select.select([], [], [], 0.002)


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _wait_or_end(child: int, grace_s: float) -> tuple[int, bool]:
    """Return the exit code of ``child``, and whether it had to be ended."""
    ended = os.pidfd_open(child)
    ready, _, _ = select.select([ended, 0], [], [])
    if ended not in ready and grace_s:
        _signal_group(child, signal.SIGTERM)
        select.select([ended], [], [], grace_s)
    _signal_group(child, signal.SIGKILL)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return exit_code, ended not in ready


def _remove(directory: str) -> None:
    import shutil  # noqa: PLC0415 - 10 ms that functions' processes do without

    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Supervise one command; ends in the way the command ended."""
    _ignore_signals()
    try:
        order = marshal.load(sys.stdin.buffer)  # noqa: S302 - from its own starter
    except EOFError:
        sys.exit()  # the starter died before it had said what to start
    command, env = order["command"], order["env"]

    def run(_reports: int) -> None:
        os.execve(command[0], command, env)  # noqa: S606 - no shell is the point

    exit_code, was_ended = supervise(run, order["cwd"], order["grace_s"])
    # Where it ended by itself its starter may want to know why, and look there.
    if was_ended and order["scratch"]:
        _remove(order["scratch"])
    if exit_code < 0:
        if -exit_code in IGNORED:
            signal.signal(-exit_code, signal.SIG_DFL)
        os.kill(os.getpid(), -exit_code)
    os._exit(exit_code)


if __name__ == "__main__":
    main()
