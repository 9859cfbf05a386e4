"""A fresh Python process, which has imported nothing yet, runs a test's code."""

import os
import subprocess
import sys
from collections.abc import Mapping


def run(
    code: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``code`` with this process's import path and ``environment`` added."""
    found = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(  # noqa: S603 - this interpreter, and the test's own code
        [sys.executable, "-c", code],
        env=os.environ | found | dict(environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
