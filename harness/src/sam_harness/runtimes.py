"""The Python runtimes of Lambda, and what each of them runs on here.

A function runs on the Python that its runtime names, never silently on another: other
versions have other libraries, another syntax, other wheels.
"""

import os
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

    The Python is pyenv's, else it is uv's to find on PATH or to fetch.

    Raises:
        HarnessError: there is no such Python and none can be had; says what to do.

    """
    lock = OLDER_LOCKS.get(runtime, "lambda-runtime")
    if runtime == OWN:
        return environments.python_of(lock)
    version = runtime.removeprefix("python")
    # On PATH its shims answer only for the versions that are chosen at the moment.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")))
    try:
        return environments.python_of(lock, [version, *found][-1])
    except HarnessError as error:
        raise HarnessError(
            f"no {runtime} for the functions (pyenv, PATH, or fetched by uv): install "
            f"it, or say --runtime-instead {OWN}. {error}"
        ) from None
