"""Locked virtual environments of their own, made once and kept by content.

LocalStack, the Lambda runtime and the SAM CLI each pin libraries that the others
(and the tests) must not see, so each gets its own environment under
the project's cache, named after the hash of its lock file. The locks of these are part
of the distribution.
"""

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from sam_harness import cache, project
from sam_harness.errors import HarnessError

LOCKS = Path(__file__).with_name("locks")

# The Python runtimes of Lambda, the harness's own first: its distribution locks it.
OWN = "python3.13"
RUNTIMES = tuple(f"python3.{minor}" for minor in range(9, 15))
# What still runs on an old version, of which the current releases do not.
OLDER_LOCKS = {"python3.9": "lambda-runtime-python3.9"}
# Their interpreters write no bytecode of their own: see the process executor.
COMPILED = {"lambda-runtime", "lambda-runtime-python3.9"}


def python_of(name: str, base: str = "") -> Path:
    """Return the interpreter of environment ``name``, making it when it is missing.

    It holds what ``locks/<name>.txt`` names (exact versions, hashes), and is made of
    this interpreter, of that at ``base``, or of the version ``base`` that uv has or
    fetches. Safe to call from several processes at once.

    Raises:
        HarnessError: the installation failed; the message holds uv's own words.
    """
    lock = LOCKS / f"{name}.txt"
    key = cache.key_of(lock.read_bytes(), sys.version, *filter(None, [base]))

    def make(directory: Path) -> None:
        python = base or sys.executable
        progress(f"installing {name} for {python} (once per lock file)")
        _uv("venv", "--clear", "--seed", "--python", python, str(directory))
        _uv("pip", "install", "--python", str(directory / "bin" / "python"),
            *["--compile-bytecode"] * (name in COMPILED),
            "--require-hashes", "--requirement", str(lock))  # fmt: skip

    home = project.current().cache / "env" / f"{name}-{key}"
    return cache.made_once(home, make) / "bin" / "python"


def python_for(runtime: str) -> Path:
    """Return the interpreter of an environment that holds what ``runtime`` holds.

    A function runs on the Python that its runtime names, never silently on another:
    other versions have other libraries, another syntax, other wheels. That Python is
    pyenv's, else it is uv's to find on PATH or to fetch.

    Raises:
        HarnessError: there is no such Python and none can be had; says what to do.
    """
    lock = OLDER_LOCKS.get(runtime, "lambda-runtime")
    if runtime == OWN:
        return python_of(lock)
    version = runtime.removeprefix("python")
    # On PATH its shims answer only for the versions that are chosen at the moment.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")))
    try:
        return python_of(lock, [version, *found][-1])
    except HarnessError as error:
        raise HarnessError(
            f"no {runtime} for the functions (pyenv, PATH, or fetched by uv): install "
            f"it, or say --runtime-instead {OWN}. {error}"
        ) from None


def install_for(platform: str, lock: Path, directory: Path) -> None:
    """Install what ``lock`` names for another platform, into a plain directory.

    ``platform`` is uv's name of it, such as ``x86_64-manylinux_2_28``.

    Raises:
        HarnessError: the installation failed; the message holds uv's own words.
    """
    _uv("pip", "install", "--python", sys.executable, "--python-platform", platform,
        "--target", str(directory), "--require-hashes",
        "--requirement", str(lock))  # fmt: skip


def progress(text: str) -> None:
    """Say on the error output what takes a while."""
    sys.stderr.write(f"sam-harness: {text} …\n")  # in one piece: threads speak


def _uv(*arguments: str) -> None:
    command = [find_uv_bin(), *arguments, "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HarnessError(f"{' '.join(command[1:3])} failed: {done.stderr.strip()}")
