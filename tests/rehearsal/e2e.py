"""``tox -e e2e-rehearsal``: the e2e tests against a stack on an embedded LocalStack."""

import subprocess
import sys
from collections.abc import Sequence

from rehearsal.roles import set_up
from rehearsal.stage import operator_environment
from service.checkout import ROOT
from service.console import run_command
from service.running import running

STACK = "refunds-rehearsal"


def main(argv: Sequence[str]) -> int:
    """Start the stack, run the tests with ``argv`` too, and return pytest's status."""
    with running(STACK, on_progress=_progress) as service:
        emulator = service.emulator
        roles = set_up(emulator.session(), emulator.endpoint_url, "test", STACK)
        # In the role of the deploy job: what it may not do, the tests cannot on AWS.
        deployer = roles.credentials("DeployRole")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", ROOT / "tests" / "e2e",
             "--stack", service.stack.name,
             "--gateway-control-url", f"{service.gateway.url}/control", *argv],
            env={**operator_environment(service.stack), **deployer},
            cwd=ROOT, check=False,
        )  # fmt: skip
    return done.returncode


def _progress(text: str) -> None:
    print(f"rehearsal: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(run_command(main))
