"""``sam-harness deploy``: SAM's own `sam deploy`, of the artefact."""

import argparse
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sam_harness.environments import progress, python_of
from sam_harness.packaging.build import build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes; the other options are SAM's."""
    parser.description = (
        "Build the artefact of a SAM template and deploy it with `sam deploy`. What is "
        "not listed here is handed to `sam deploy` as it is, for example --config-env, "
        "--stack-name, --guided."
    )
    parser.add_argument("template", type=Path)
    parser.set_defaults(hands_on_others=True)


def run(options: argparse.Namespace) -> int:
    """Build and deploy; returns SAM's own exit status."""
    artefact = build(options.template, progress)
    samconfig = options.template.resolve().with_name("samconfig.toml")
    named = ["--config-file", samconfig] if samconfig.exists() else []
    # SAM leaves a directory for every function.
    with TemporaryDirectory(prefix="sam-deploy-") as scratch:
        done = subprocess.run(
            [python_of("sam").with_name("sam"), "deploy",
             "--template-file", artefact.template, *named, *options.others],
            env=os.environ | {"SAM_CLI_TELEMETRY": "0", "TMPDIR": scratch}, check=False,
        )  # fmt: skip
    return done.returncode
