"""Makes ``.tools/``, the environment that holds tox, from its lock file.

Runs before anything is installed, so it uses the standard library only.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
LOCK = ROOT / "tests" / "requirements" / "bootstrap.txt"


def main() -> int:
    """Make the environment unless it already fits the lock file."""
    if not (ROOT / ".tox").exists():
        _say("tox will install the libraries that the harness needs in .tox/ (once)")
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    stamp = TOOLS / ".ready"
    TOOLS.mkdir(exist_ok=True)
    with (ROOT / ".tools" / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return 0
        _say("setting up tox in .tools/ (once)")
        return _install(stamp, wanted)


def _say(text: str) -> None:
    print(f"{text} …", file=sys.stderr, flush=True)


def _install(stamp: Path, wanted: str) -> int:
    stamp.unlink(missing_ok=True)
    try:
        venv.create(TOOLS, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError:
        print(
            f"{sys.executable} cannot make virtual environments: its ensurepip is "
            "missing. On Debian and Ubuntu: apt-get install python3.13-venv",
            file=sys.stderr,
        )
        return 1
    done = subprocess.run(
        [TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet",
         "--disable-pip-version-check", "--require-hashes", "--requirement", LOCK],
        check=False,
    )  # fmt: skip
    if done.returncode == 0:
        stamp.write_text(wanted)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
