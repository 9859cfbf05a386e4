"""Where a LocalStack keeps its files: in memory, where there is room.

None of them outlives it. A function's code is a thousand files, and a disk may take a
millisecond for each: longer than all else of a first deployment.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of its own is made in it
# Unpacked, a function's code may have 250 MB.
_ENOUGH_BYTES = 2 << 30


def make(prefix: str, memory: Path = MEMORY) -> Path:
    """Make a directory for nobody else, in ``memory`` if that will do."""
    home = memory if _will_do(memory) else None
    return Path(tempfile.mkdtemp(prefix=prefix, dir=home))


def _will_do(memory: Path) -> bool:
    try:
        if os.statvfs(memory).f_flag & os.ST_NOEXEC:
            return False  # libraries of functions could not be loaded
        return shutil.disk_usage(memory).free >= _ENOUGH_BYTES
    except OSError:
        return False
