"""The Python runtimes of Lambda, and what each of them runs on here.

A function runs on the Python that its runtime names, never silently on another: other
versions have other libraries, another syntax, other wheels.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from uv import find_uv_bin

from sam_harness import environments
from sam_harness.errors import HarnessError

# The harness's own, which its distribution locks first.
OWN = "python3.13"
RUNTIMES = tuple(f"python3.{minor}" for minor in range(9, 15))
_LOCK = "lambda-runtime"
# What still runs on an old version, of which the current releases do not.
_LOCKS = {"python3.9": "lambda-runtime-python3.9"}


def python_of(runtime: str) -> Path:
    """Return the interpreter of an environment that holds what ``runtime`` holds.

    The Python is found on this machine, else fetched by uv.

    Raises:
        HarnessError: there is no such Python and none can be had, or it is no Python
            runtime of Lambda's that is known here; says what to do.

    """
    if runtime == OWN:
        return environments.python_of(_LOCK)
    if runtime not in RUNTIMES:
        raise HarnessError(
            f"runtime {runtime} cannot be run here, only {', '.join(RUNTIMES)}"
        )
    lock = _LOCKS.get(runtime, _LOCK)
    return environments.python_of(lock, _interpreter(runtime))


def _interpreter(runtime: str) -> Path:
    for candidate in _candidates(runtime):
        if _version(candidate) == runtime:
            return candidate
    version = runtime.removeprefix("python")
    environments.progress(f"fetching Python {version} (uv)")
    uv = find_uv_bin()
    fetched = _said(uv, "python", "install", "--no-bin", version)
    found = _said(uv, "python", "find", "--managed-python", version)
    if not fetched.returncode and not found.returncode:
        return Path(found.stdout.strip())
    why = fetched.stderr.strip() or found.stderr.strip()
    raise HarnessError(
        f"there is no {runtime} on this machine (PATH, pyenv, uv), and uv cannot fetch "
        f"it: install Python {version}, or say --runtime-instead {OWN}. uv said: {why}"
    )


def _candidates(runtime: str) -> Iterator[Path]:
    if on_path := shutil.which(runtime):
        yield Path(on_path)
    version = runtime.removeprefix("python")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True)
    managed = _said(find_uv_bin(), "python", "find", "--managed-python",
                    "--no-python-downloads", version)  # fmt: skip
    if not managed.returncode:
        yield Path(managed.stdout.strip())


def _version(python: Path) -> str:
    """Return what an interpreter is, as a runtime; a shim may have none behind it."""
    told = "import sys; print('python%d.%d' % sys.version_info[:2])"
    try:
        return _said(str(python), "-c", told).stdout.strip()
    except OSError:
        return ""


def _said(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
