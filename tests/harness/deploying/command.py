"""``python -m harness deploy``: SAM's own `sam deploy`, of the artefact."""

import argparse
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.environments import python_of
from harness.packaging.build import build, progress


def main(argv: Sequence[str]) -> int:
    """``python -m harness deploy TEMPLATE [option ...]``: ``sam deploy`` of the build.

    Returns SAM's own exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m harness deploy",
        description="Build the artefact of a SAM template and deploy it with "
        "`sam deploy`. What is not listed here is handed to `sam deploy` as it is, "
        "for example --config-env, --stack-name, --guided.",
    )
    parser.add_argument("template", type=Path)
    arguments, options = parser.parse_known_args(argv)

    artefact = build(arguments.template, progress)
    samconfig = arguments.template.resolve().with_name("samconfig.toml")
    named = ["--config-file", samconfig] if samconfig.exists() else []
    # SAM leaves a directory for every function.
    with TemporaryDirectory(prefix="sam-deploy-") as scratch:
        done = subprocess.run(
            [python_of("sam").with_name("sam"), "deploy",
             "--template-file", artefact.template, *named, *options],
            env=os.environ | {"SAM_CLI_TELEMETRY": "0", "TMPDIR": scratch}, check=False,
        )  # fmt: skip
    return done.returncode
