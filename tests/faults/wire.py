"""All that the functions call, on one port: calls are performed, or meet a fault."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from threading import Condition, Event
from typing import TYPE_CHECKING, Protocol, override

from service.loopback import LoopbackHandler, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from faults.fault import Fault

# Soon enough for any timeout of a read.
_TRICKLE_S = 0.02
_TRICKLED_BYTES = 1500
# A hold that is never released would keep the run.
_HOLD_S = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A call as it came in; the operation of the gateway is the HTTP method."""

    operation: str
    service: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What is answered."""

    status: int
    body: bytes


class Performer(Protocol):
    """What is behind the wire."""

    def perform(self, asked: Asked) -> Answered:
        """Do what is asked for."""

    def perform_badly(self, asked: Asked, fault: Fault) -> Answered:
        """Do it in part, or say that it was done in part."""


@dataclass(slots=True)
class _Injection:
    operation: str
    fault: Fault
    left: float
    victim: Callable[[], int]
    killed: int = 0

    def killed_with_it(self) -> bool:
        """Tell whether the caller has been killed, and does not know it yet."""
        return self.killed != 0 and self.victim() == self.killed


class Wire(ThreadingHTTPServer):
    """Injects at most one fault at a time, into the calls of one operation."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, behind: Performer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = url_of(self)
        self.behind = behind
        self.met = 0
        self._injection: _Injection | None = None
        self._changed = Condition()
        self._held = 0
        self.released = Event()

    def inject(
        self, operation: str, fault: Fault, times: int | None, victim: Callable[[], int]
    ) -> None:
        """Let the next calls meet the fault; `victim`: the process that it may kill."""
        with self._changed:
            left = float("inf") if times is None else times
            self._injection = _Injection(operation, fault, left, victim)
            self.met = 0

    def heal(self) -> None:
        """Perform every call from now on, and let go what hangs."""
        with self._changed:
            self._injection = None
        self.release()

    def release(self) -> None:
        """End what is held; what was to come late has come when this returns."""
        self.released.set()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._held, timeout=_HOLD_S):
                raise TimeoutError(f"{self._held} calls are still held")
            self.released = Event()

    def await_held(self, number: int) -> bool:
        """Wait until so many calls hang; tell whether they do."""
        with self._changed:
            return self._changed.wait_for(lambda: self._held >= number, timeout=_HOLD_S)

    def take(self, operation: str) -> tuple[_Injection | None, Event]:
        """Return what the next call of the operation meets, if anything."""
        with self._changed:
            found = self._injection
            if found is None or found.operation != operation:
                return None, self.released
            if found.left <= 0 and not found.killed_with_it():
                return None, self.released
            self.met += 1
            # Calls side by side are killed together: that is once.
            if not found.killed_with_it():
                found.left -= 1
            if found.fault.does == "kills":
                found.killed = found.victim()
            if found.fault.is_held:
                self._held += 1
                self._changed.notify_all()
            return found, self.released

    def let_go(self) -> None:
        """Count one call less that is held."""
        with self._changed:
            self._held -= 1
            self._changed.notify_all()

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that went away: that is what timeouts and kills look like."""


def _kill(pid: int) -> None:
    """Kill one process: 0 would be this process's whole group, up to the shell."""
    if pid > 0:
        os.kill(pid, signal.SIGKILL)


class _Handler(LoopbackHandler):
    server: Wire

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        target, _, operation = self.headers.get("X-Amz-Target", "").rpartition(".")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(operation or self.command, target, self.path, headers, body)
        met, released = self.server.take(asked.operation)
        if met is None:
            self._answer(self.server.behind.perform(asked))
            return
        try:
            with suppress(OSError):
                self._meet(met, asked, released)
        finally:
            if met.fault.is_held:
                self.server.let_go()

    def _meet(self, met: _Injection, asked: Asked, released: Event) -> None:
        fault, behind = met.fault, self.server.behind
        if fault.does == "holds":
            released.wait(_HOLD_S)
        real = behind.perform(asked) if fault.effect == "done" else None
        match fault.does:
            case "answers":
                self._answer(Answered(fault.status, fault.body))
            case "resets":
                self.reset()
            case "kills":
                _kill(met.killed)
                self.close_connection = True
            case "hangs":
                released.wait(_HOLD_S)
                if fault.effect == "late":
                    behind.perform(asked)
                self.close_connection = True
            case "trickles the head" | "trickles the body":
                self._trickle(fault, released)
            case "holds" if real:
                self._answer(real)
            case "cuts" if real:
                cut = Answered(real.status, real.body[:-1])
                self._answer(cut, announced_bytes=len(real.body))
                self.close_connection = True
            case _:
                self._answer(behind.perform_badly(asked, fault))

    def _answer(self, answer: Answered, *, announced_bytes: int | None = None) -> None:
        self.send_response(answer.status)
        announced = len(answer.body) if announced_bytes is None else announced_bytes
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(answer.body)

    def _trickle(self, fault: Fault, released: Event) -> None:
        text = b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * _TRICKLED_BYTES
        if fault.does == "trickles the body":
            self._answer(Answered(200, b""), announced_bytes=_TRICKLED_BYTES)
            text = b" " * _TRICKLED_BYTES
        for byte in text:
            if released.wait(_TRICKLE_S):
                break
            self.wfile.write(bytes([byte]))
        self.close_connection = True
