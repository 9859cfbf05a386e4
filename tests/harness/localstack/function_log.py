"""What a runtime process writes, and what the platform adds around it."""

import math
import os
import select
import threading
from dataclasses import dataclass


class Output:
    """Collects what is written to ``writable``, a pipe's end to give to a process."""

    def __init__(self) -> None:
        self._readable, self.writable = os.pipe()
        os.set_blocking(self._readable, False)
        self._lock = threading.Lock()
        self._collected = bytearray()

    def collect(self) -> None:
        """Collect until every holder of ``writable`` is gone; blocks."""
        poll = select.poll()
        poll.register(self._readable, select.POLLIN)
        while True:
            poll.poll()
            with self._lock:
                if not self._read():
                    os.close(self._readable)
                    self._readable = -1
                    return

    def take(self) -> str:
        """Return what was written since the last call, without waiting for more."""
        with self._lock:
            if self._readable != -1:
                self._read()
            taken = self._collected.decode(errors="replace")
            self._collected.clear()
        return taken

    def close(self) -> None:
        """Give up both ends; for a process that never started."""
        os.close(self.writable)
        os.close(self._readable)

    def _read(self) -> bool:
        """Read what the pipe holds; False at its end."""
        try:
            while chunk := os.read(self._readable, 1 << 16):
                self._collected += chunk
        except BlockingIOError:
            return True
        return False


@dataclass(frozen=True, slots=True)
class Report:
    """What the platform knows about an ended invocation; ``status``: how it failed."""

    request_id: str
    duration_ms: float
    init_duration_ms: float | None
    memory_mb: int
    max_memory_mb: int
    status: str | None = None
    error_type: str | None = None
    trace_header: str = ""

    def line(self) -> str:
        """Return the REPORT line, as Lambda writes it."""
        init_ms = self.init_duration_ms or 0
        parts = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(self.duration_ms + init_ms)} ms",
            f"Memory Size: {self.memory_mb} MB",
            f"Max Memory Used: {self.max_memory_mb} MB",
        ]
        if self.init_duration_ms is not None:
            parts.append(f"Init Duration: {init_ms:.2f} ms")
        if self.status:
            parts.append(f"Status: {self.status}")
        if self.error_type:
            parts.append(f"Error Type: {self.error_type}")
        parts += self._xray()
        return "\t".join(parts) + "\t\n"

    def _xray(self) -> list[str]:
        fields = dict(
            field.partition("=")[::2] for field in self.trace_header.split(";")
        )
        if fields.get("Sampled") != "1":
            return []
        return [
            f"XRAY TraceId: {fields.get('Root', '')}",
            f"SegmentId: {fields.get('Parent', '')}",
            "Sampled: true",
        ]


def lines(text: str) -> str:
    """``text``, ended by a newline where it is not empty and has none."""
    return text if not text or text.endswith("\n") else text + "\n"


def init_report(
    duration_ms: float, phase: str, status: str, error_type: str = ""
) -> str:
    """Return the INIT_REPORT line, written where an initialisation failed."""
    parts = [
        f"INIT_REPORT Init Duration: {duration_ms:.2f} ms",
        f"Phase: {phase}",
        f"Status: {status}",
    ]
    if error_type:
        parts.append(f"Error Type: {error_type}")
    return "\t".join(parts) + "\n"
