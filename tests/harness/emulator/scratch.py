"""Where a LocalStack keeps its files: in memory, where there is room.

None of them outlives it. A function's code is a thousand files, and a disk may take a
millisecond for each: longer than all else of a first deployment.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of its own is made in it
MEMINFO = Path("/proc/meminfo")
# Unpacked, a function's code may have 250 MB.
_ENOUGH_BYTES = 2 << 30


def make(prefix: str, memory: Path | None = MEMORY) -> Path:
    """Make a directory for nobody else, in ``memory`` if there is one that will do."""
    with suppress(OSError):  # there is no such memory, or not for this user
        if memory and _will_do(memory):
            return Path(tempfile.mkdtemp(prefix=prefix, dir=memory))
    return Path(tempfile.mkdtemp(prefix=prefix))


def _will_do(memory: Path) -> bool:
    if os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return False  # libraries of functions could not be loaded
    return min(_available_bytes(), shutil.disk_usage(memory).free) >= _ENOUGH_BYTES


def _available_bytes() -> int:
    """Return what may be used of this machine's memory."""
    _, _, rest = MEMINFO.read_text().partition("MemAvailable:")
    return int(rest.split()[0]) << 10
