"""The Python runtimes of Lambda, and what each of them runs on here.

A function runs on the Python that its runtime names, never silently on another: other
versions have other libraries, another syntax, other wheels.
"""

import os
import shutil
import subprocess
from pathlib import Path

from sam_harness import environments
from sam_harness.errors import HarnessError

# The harness's own, which its distribution locks first.
OWN = "python3.13"
RUNTIMES = tuple(f"python3.{minor}" for minor in range(9, 15))
# What still runs on an old version, of which the current releases do not.
OLDER_LOCKS = {"python3.9": "lambda-runtime-python3.9"}


def python_of(runtime: str) -> Path:
    """Return the interpreter of an environment that holds what ``runtime`` holds.

    The Python is found on this machine (PATH, pyenv), else it is uv's to find or fetch.

    Raises:
        HarnessError: there is no such Python and none can be had; says what to do.

    """
    lock = OLDER_LOCKS.get(runtime, "lambda-runtime")
    if runtime == OWN:
        return environments.python_of(lock)
    base = _found(runtime)
    try:
        return environments.python_of(lock, base or runtime.removeprefix("python"))
    except HarnessError as error:
        if base:
            raise
        raise HarnessError(
            f"there is no {runtime} on this machine (PATH, pyenv), and uv cannot fetch "
            f"it: install it, or say --runtime-instead {OWN}. {error}"
        ) from None


def _found(runtime: str) -> Path | None:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    version = runtime.removeprefix("python")
    candidates = [
        *filter(None, [shutil.which(runtime)]),
        *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")), reverse=True),
    ]
    # A shim of pyenv's may have nothing behind it.
    told = "import sys; print('python%d.%d' % sys.version_info[:2])"
    for python in candidates:
        done = subprocess.run(
            [python, "-c", told], capture_output=True, text=True, check=False
        )
        if done.stdout.strip() == runtime:
            return Path(python)
    return None
