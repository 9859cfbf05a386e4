"""What a template names beside its functions' code, uploaded by SAM's own command.

Layers, definitions of state machines and nested templates, with what these name: `sam
package` knows every property that does so. It takes seconds; a template that has
nothing but functions goes without it.
"""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sam_harness.environments import python_of
from sam_harness.errors import HarnessError
from sam_harness.template.document import Document, load


def packaged(
    template: Path, *, bucket: str, endpoint_url: str, account_id: str, region: str
) -> Document:
    """Return a built template with everything local uploaded to ``bucket``.

    Raises:
        HarnessError: something cannot be uploaded; holds SAM's own words.

    """
    with TemporaryDirectory(prefix="sam-package-") as scratch:
        output = Path(scratch, "packaged.yaml")
        done = subprocess.run(
            [python_of("sam").with_name("sam"), "package", "--template-file", template,
             "--s3-bucket", bucket, "--region", region, "--no-progressbar",
             "--output-template-file", output],
            env=os.environ | {
                "AWS_ACCESS_KEY_ID": account_id,  # LocalStack takes it for the account
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_ENDPOINT_URL": endpoint_url,
                "SAM_CLI_TELEMETRY": "0",
                "TMPDIR": scratch,
            },
            cwd=scratch, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            raise HarnessError(f"sam package of {template} failed:\n{said}")
        return load(output)
