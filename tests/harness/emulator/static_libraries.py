"""What LocalStack derives from its own libraries, made once per environment.

Reading the 419 service descriptions of botocore takes LocalStack 4 s, at the first call
that needs them; it looks for the result of an earlier reading in
``<FILESYSTEM_ROOT>/usr/lib/localstack``.
"""

import subprocess
from pathlib import Path

from harness.cache import made_once
from harness.errors import HarnessError

WHERE = Path("usr/lib/localstack")


def of(localstack: Path) -> Path:
    """Return the directory to use as ``<FILESYSTEM_ROOT>/usr/lib/localstack``.

    ``localstack`` is the interpreter of LocalStack's environment.
    """

    def make(root: Path) -> None:
        (root / WHERE).mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [localstack, "-m", "localstack.aws.spec"],
            env={"FILESYSTEM_ROOT": str(root), "OVERRIDE_IN_DOCKER": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise HarnessError(f"LocalStack cannot index its services:\n{said}")

    return made_once(localstack.parents[1] / "static-libraries", make) / WHERE
