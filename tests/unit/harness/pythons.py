"""Code in a Python of its own, which has imported nothing that this one has."""

import os
import subprocess
import sys


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run it where this project's modules are found."""
    return subprocess.run(  # noqa: S603 - this interpreter, and the test's own code
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
