"""A Lambda runtime that has imported what all functions import, to be forked for each.

Started as ``python -B runtime_template.py``, by the interpreter of the runtime. On
standard input, a socket of whole messages, comes for each function what supervisor.py
is told, with a command that ends in ``-m``, a module and its argument, and two file
descriptors: where the function's output goes, and a connection. On that come two lines,
the function's process id and why it could not be started, which is empty; at the end
another one, its exit status. It is the function's lifeline, too: see supervisor.py.

Half of a small function's start is importing the standard library. Nothing else is
imported here, so a function has no library that it does not bring along. What differs
from a Python of its own: functions share one seed of their hashes.
"""

import ctypes
import gc
import marshal
import os
import runpy
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import supervisor  # type: ignore[import-not-found] # it is beside this file

# What boto3, Powertools and awslambdaric import. A function that needs less of it is
# none the worse; what is missing costs each start a little. Not awslambdaric itself: it
# reads where its API is when it is imported.
PRELOADED = (
    "base64", "calendar", "concurrent.futures", "configparser", "copy", "csv",
    "dataclasses", "datetime", "decimal", "email.generator", "email.message",
    "email.parser", "fractions", "getpass", "glob", "gzip", "hashlib", "hmac",
    "http.client", "http.cookies", "inspect", "ipaddress", "json", "locale",
    "logging.handlers", "mimetypes", "platform", "queue", "quopri", "random", "secrets",
    "selectors", "shlex", "shutil", "socket", "ssl", "statistics", "string",
    "subprocess", "tempfile", "tokenize", "typing", "urllib.request", "uuid",
    "xml.etree.ElementTree", "zipfile",
)  # fmt: skip
_MESSAGE_BYTES = 64 * 1024
# Places of a process's arguments and environment in /proc/self/stat, after its name:
# https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
_ARGUMENTS, _ENVIRONMENT = 45, 47


class Begun(BaseException):
    """This process is a function's from here on."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        super().__init__()
        self._command = command
        self._env = env

    def run(self) -> None:
        """Run the command, which is a module and its argument, as Python does."""
        module, handler = self._command[-2:]
        # As in a Python that has just been started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        os.environ.clear()
        os.environ.update(self._env)
        time.tzset()
        _show(_ARGUMENTS, self._command)
        _show(_ENVIRONMENT, [f"{name}={value}" for name, value in self._env.items()])
        sys.argv = [module, handler]
        sys.path[0] = str(Path.cwd())
        del sys.modules[supervisor.__name__]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    """Fork a supervisor for each function, until standard input ends.

    Raises:
        Begun: in each function's process.

    """
    for name in PRELOADED:
        import_module(name)
    gc.freeze()
    # The kernel collects the supervisors; how they end is told on their connections.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    orders = socket.socket(fileno=0)
    while (received := socket.recv_fds(orders, _MESSAGE_BYTES, 2))[0]:
        said, (output, connection) = received[:2]
        try:
            is_supervisor = not os.fork()
        except OSError as error:  # too many processes: this one cannot be started
            os.write(connection, f"\n{error}\n".encode())
        else:
            if is_supervisor:
                orders.detach()  # its descriptor will be another's
                order = marshal.loads(said)  # noqa: S302 - LocalStack's
                begun = Begun(order["command"], order["env"])
                _supervise(begun, order["cwd"], output, connection)
        os.close(output)
        os.close(connection)


def _supervise(begun: Begun, cwd: str, output: int, connection: int) -> None:
    """Be the supervisor of a function until that ends; never returns."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, descriptor in ((0, connection), (1, output), (2, connection)):
        os.dup2(descriptor, number)
    _close_all()

    def run(reports: int) -> None:
        os.write(reports, b"\n")
        _close_all()
        raise begun

    exit_code, _ = supervisor.supervise(run, cwd, 0)
    os.write(0, f"{exit_code}\n".encode())
    os._exit(0)


def _close_all() -> None:
    """Close what is not standard input, output or error."""
    for one in list(Path("/proc/self/fd").iterdir()):
        if int(one.name) > 2:
            with suppress(OSError):  # it was for listing them
                os.close(int(one.name))


def _show(place: int, texts: list[str]) -> None:
    """Have /proc show ``texts``, and so ps and whoever looks for a function."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[place]), int(fields[place + 1])
    shown = b"".join(os.fsencode(text) + b"\0" for text in texts)[: end - start - 1]
    ctypes.memmove(start, shown.ljust(end - start, b"\0"), end - start)


if __name__ == "__main__":
    begun = None
    try:
        main()
    except Begun as one:
        begun = one
    if begun:
        begun.run()
