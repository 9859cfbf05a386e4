"""Schemathesis makes requests from the contract and holds every answer against it."""

import os
import subprocess
import sys
from pathlib import Path

from service.contract import DOCUMENT
from service.running import Running

HERE = Path(__file__).parent
# Its own bound is max-time of schemathesis.toml.
TIMEOUT_S = 240


def test_every_answer_to_generated_requests_is_documented(
    service: Running, reports: Path
) -> None:
    """Valid and invalid ones, and chains of them along the links: POST, then GET."""
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={HERE / 'schemathesis.toml'}",
            "run",
            str(DOCUMENT),
            f"--url={service.stack.api_url}",
            "--checks=all",
            "--report=junit,html",
            f"--report-junit-path={reports / 'schemathesis.xml'}",
            f"--report-html-path={reports / 'schemathesis'}",
        ],
        cwd=reports,
        env={
            **os.environ,
            # Not on the command line, which everybody on the machine may read.
            "API_KEY": service.stack.api_key,
            "HOOKS": str(HERE / "hooks.py"),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )

    told = done.stdout + done.stderr
    (reports / "schemathesis.txt").write_text(told, encoding="utf-8")
    assert done.returncode == 0, told
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in told or f"✅  {phase}" in told, f"no {phase}:\n{told}"
