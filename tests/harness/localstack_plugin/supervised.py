"""A command under supervision: it dies with its starter, and takes its tree along."""

import marshal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

SUPERVISOR = Path(__file__).with_name("supervisor.py")
# Of marshal: the newest that every Python 3 reads.
_FORMAT = 2


class Supervisor(Protocol):
    """Who keeps a command, and ends with it."""

    def let_go(self) -> None:
        """Have it end the command and all that it started."""

    def poll(self) -> int | None:
        """Return the exit status of the command once nothing of it is left."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for that; raises subprocess.TimeoutExpired."""


@dataclass(frozen=True, slots=True)
class Supervised:
    """A running command; ``pid`` is the command's own process id."""

    pid: int
    supervisor: Supervisor

    def end(self, timeout_s: float) -> int:
        """End the command and all it started; returns its exit status.

        Raises:
            subprocess.TimeoutExpired: even SIGKILL did not help in ``timeout_s``.

        """
        self.supervisor.let_go()
        return self.supervisor.wait(timeout_s)

    def wait(self) -> int:
        """Wait until the command ends by itself; negative: the signal it died of."""
        status = self.supervisor.wait()
        self.supervisor.let_go()
        return status

    @property
    def has_ended(self) -> bool:
        """Whether the command, and everything it started, is gone."""
        return self.supervisor.poll() is not None

    @property
    def command_has_ended(self) -> bool:
        """Whether the command itself is dead; its supervisor may not know that yet."""
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return True
        return status.rpartition(") ")[2].startswith(("Z", "X"))


class _Popen(subprocess.Popen[bytes]):
    """A supervisor that is this process's child."""

    def let_go(self) -> None:
        """Close its lifeline."""
        if self.stdin:
            self.stdin.close()


def start(  # noqa: PLR0913 - by name, and none makes a group with another
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    output: int | IO[bytes],
    grace_s: float = 0,
    scratch: Path | None = None,
) -> Supervised:
    """Start ``command`` with exactly ``env``; both its outputs go to ``output``.

    ``grace_s`` is the time between SIGTERM and SIGKILL; 0 means SIGKILL at once.
    ``scratch``, a directory, is removed with it: when it is ended, not when it ends.

    Raises:
        OSError: the command could not be started.

    """
    supervisor = _Popen(
        [sys.executable, "-I", "-S", str(SUPERVISOR)],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    assert supervisor.stdin
    assert supervisor.stderr
    with supervisor.stderr as reports:
        said = order(command, env=env, cwd=str(cwd), grace_s=grace_s, scratch=scratch)
        supervisor.stdin.write(said)
        supervisor.stdin.flush()
        pid, _, trouble = reports.read().decode(errors="replace").partition("\n")
    if trouble or not pid.isdigit():
        supervisor.let_go()
        supervisor.wait()
        raise OSError((trouble or pid).strip() or "the supervisor did not start")
    return Supervised(int(pid), supervisor)


def order(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    grace_s: float = 0,
    scratch: Path | None = None,
) -> bytes:
    """Return what a supervisor, which may be in a container, is to be told at first."""
    told = {
        "command": list(command),
        "env": dict(env),
        "cwd": cwd,
        "grace_s": grace_s,
        "scratch": str(scratch) if scratch else None,
    }
    return marshal.dumps(told, _FORMAT)
