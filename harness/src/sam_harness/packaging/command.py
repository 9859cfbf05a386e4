"""``sam-harness package``: builds the artefact, and says where it is."""

import argparse
from pathlib import Path

from sam_harness.environments import progress
from sam_harness.packaging.build import build


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Build the artefact of a SAM template; prints the path of the built template, "
        "ready for `sam deploy --template-file`."
    )
    parser.add_argument("template", type=Path)


def run(options: argparse.Namespace) -> int:
    """Build, and print the path."""
    print(build(options.template, progress).template)
    return 0
