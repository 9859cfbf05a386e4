"""``sam-harness deploy``: SAM's own `sam deploy`, of the artefact."""

import argparse
import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from sam_harness.deploying.stage import parameters_of
from sam_harness.environments import progress, python_of
from sam_harness.errors import UsageError
from sam_harness.packaging.build import build, built
from sam_harness.template.document import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes; the other options are SAM's."""
    parser.description = (
        "Build the artefact of a SAM template and deploy it with `sam deploy`. What is "
        "not listed here is handed to `sam deploy` as it is, for example --config-env, "
        "--stack-name, --guided."
    )
    parser.add_argument("template", type=Path)
    parser.add_argument(
        "--stage", type=Path, metavar="FILE",
        help="a YAML file of parameters; passes every parameter of the template",
    )  # fmt: skip
    parser.add_argument(
        "--built",
        action="store_true",
        help="the artefact has to be there: build nothing",
    )
    parser.set_defaults(hands_on_others=True)


def run(options: argparse.Namespace) -> int:
    """Build and deploy; returns SAM's own exit status."""
    passed = None
    if options.stage:
        if "--parameter-overrides" in options.others:
            raise UsageError("--stage passes every parameter: no --parameter-overrides")
        passed = parameters_of(options.stage, load(options.template))
    make = built if options.built else lambda template: build(template, progress)
    artefact = make(options.template)
    samconfig = options.template.resolve().with_name("samconfig.toml")
    named = ["--config-file", samconfig] if samconfig.exists() else []
    # SAM leaves a directory for every function.
    with TemporaryDirectory(prefix="sam-deploy-") as scratch:
        if passed is not None:
            file = Path(scratch, "parameters.json")
            file.write_text(json.dumps(passed), encoding="utf-8")
            named += ["--parameter-overrides", f"file://{file}"]
        done = subprocess.run(
            [python_of("sam").with_name("sam"), "deploy",
             "--template-file", artefact.template, *named, *options.others],
            env=os.environ | {"SAM_CLI_TELEMETRY": "0", "TMPDIR": scratch}, check=False,
        )  # fmt: skip
    return done.returncode
