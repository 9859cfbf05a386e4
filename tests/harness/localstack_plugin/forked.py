"""Functions' processes, forked from a runtime that has imported what all of them do.

See runtime_template.py, which is what runs there.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Condition, Lock, Thread

from harness.localstack_plugin import supervised
from harness.localstack_plugin.function_environment import LOCALE
from harness.localstack_plugin.supervised import Supervised

TEMPLATE = Path(__file__).with_name("runtime_template.py")
# Where a function's own arguments and variables will be shown. Lambda allows 4 KiB of
# variables and adds a few of its own.
_ROOM_FOR_ARGUMENTS = "x" * 1024
_ROOM_FOR_VARIABLES = "x" * 16 * 1024
# What an interpreter and its libraries read when they start, and never again.
_READ_AT_START = ("GLIBC_", "LANG", "LC_", "LD_", "MALLOC_", "OPENSSL_", "PYTHON")


def is_possible(env: Mapping[str, str], code: Path) -> bool:
    """Tell whether a function with these variables and this code may be forked."""
    read = {n: value for n, value in env.items() if n.startswith(_READ_AT_START)}
    # A module of its own goes before the standard library's, but for a fork too late.
    own = {file.name.partition(".")[0] for file in code.iterdir()}
    return read == LOCALE and not own & sys.stdlib_module_names


@cache
def template(python: Path) -> "RuntimeTemplate":
    """Return the template of an interpreter, always the same one."""
    return RuntimeTemplate(python)


class RuntimeTemplate:
    """The template of one interpreter: begun when it is first used, or was lost.

    It ends with this process.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self._process: subprocess.Popen[bytes] | None = None
        self._orders: socket.socket | None = None
        self._lock = Lock()

    def start(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, output: int
    ) -> Supervised:
        """Start a function as supervised.start does, of the command's last two words.

        These are the module to run, and its argument; the template is what comes
        before.

        Raises:
            OSError: it could not be started.

        """
        order = supervised.order(command, env=env, cwd=str(cwd))
        ours, theirs = socket.socketpair()
        with theirs:
            self._send(order, output, theirs.fileno())
        supervisor = _Supervisor(ours)
        return Supervised(supervisor.pid(), supervisor)

    def stop(self) -> None:
        """End the template; functions that were started go on."""
        if self._orders and self._process:
            self._orders.close()
            self._process.wait()
            self._orders = None

    def _send(self, order: bytes, *descriptors: int) -> None:
        with self._lock:
            if self._orders:
                with suppress(OSError):
                    socket.send_fds(self._orders, [order], descriptors)
                    return
                self.stop()  # it was lost
            self._orders = self._launch()
            socket.send_fds(self._orders, [order], descriptors)

    def _launch(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [str(self._python), "-B", str(TEMPLATE), _ROOM_FOR_ARGUMENTS],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**LOCALE, "_": _ROOM_FOR_VARIABLES},
                start_new_session=True,
            )
        return ours


class _Supervisor:
    """A function's supervisor, which is nobody's child here: all is told by lines."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines: list[bytes] = []
        self._has_ended = False
        self._news = Condition()
        Thread(target=self._listen, name="lambda-supervisor", daemon=True).start()

    def pid(self) -> int:
        """Return the function's process id; raises OSError if it was not started."""
        pid, trouble = self._line(0), self._line(1)
        if trouble or not pid.isdigit():
            self.let_go()
            raise OSError((trouble or pid).decode() or "the runtime template was lost")
        return int(pid)

    def let_go(self) -> None:
        """Have it end the function, which it also does when this process ends."""
        with suppress(OSError):  # it has ended
            self._connection.shutdown(socket.SHUT_WR)

    def poll(self) -> int | None:
        """Return the function's exit status; None: it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; see subprocess.Popen.wait."""
        status = self._line(2, timeout)
        return int(status) if status else -signal.SIGKILL

    def _line(self, number: int, timeout_s: float | None = None) -> bytes:
        """Wait for a line; empty: it ended without one."""

        def is_known() -> bool:
            return self._has_ended or len(self._lines) > number

        with self._news:
            if not self._news.wait_for(is_known, timeout_s):
                raise subprocess.TimeoutExpired("the supervisor", timeout_s or 0)
            return self._lines[number] if len(self._lines) > number else b""

    def _listen(self) -> None:
        with self._connection, self._connection.makefile("rb") as said:
            for line in said:
                self._hear([line.strip()])
        self._hear([], has_ended=True)

    def _hear(self, lines: list[bytes], *, has_ended: bool = False) -> None:
        with self._news:
            self._lines += lines
            self._has_ended = has_ended
            self._news.notify_all()
