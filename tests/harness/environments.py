"""Locked virtual environments of their own, made once and kept by content.

LocalStack, the Lambda runtime and the SAM CLI each pin libraries that the others
(and the tests) must not see, so each gets its own environment under
``.harness/env`` in the repository, named after the hash of its lock file.
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from harness.errors import HarnessError

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "tests" / "requirements"
CACHE = ROOT / ".harness"


def python_of(name: str, *, lock: Path | None = None) -> Path:
    """Return the interpreter of environment ``name``, making it when it is missing.

    ``lock`` defaults to ``tests/requirements/<name>.txt`` (exact versions, hashes).
    Safe to call from several processes at once.

    Raises:
        HarnessError: the installation failed; the message holds uv's own words.

    """
    lock = lock or LOCKS / f"{name}.txt"
    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    directory = CACHE / "env" / f"{name}-{key}"
    python = directory / "bin" / "python"
    ready = directory / ".ready"
    if ready.exists():
        return python
    directory.parent.mkdir(parents=True, exist_ok=True)
    with (directory.parent / f"{name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not ready.exists():
            _progress(f"installing the {name} environment (once per lock file)")
            _uv("venv", "--clear", "--seed", "--python", sys.executable, str(directory))
            _uv("pip", "install", "--python", str(python), "--require-hashes",
                "--requirement", str(lock))  # fmt: skip
            ready.touch()
    return python


def _progress(text: str) -> None:
    print(f"harness: {text} …", file=sys.stderr, flush=True)


def _uv(*arguments: str) -> None:
    command = [find_uv_bin(), *arguments, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HarnessError(f"{' '.join(command[1:3])} failed: {done.stderr.strip()}")
