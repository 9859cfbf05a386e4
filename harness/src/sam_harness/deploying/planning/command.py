"""``sam-harness plan``: what an update would replace, publish for nothing, ignore."""

import argparse
import sys
from pathlib import Path

from sam_harness.template.values import add_repeated, assignments

DESCRIPTION = """\
Compare a template with what is deployed, before `sam deploy`, without asking AWS:

  resources that would be replaced, for a property that cannot be changed, or deleted;
      those that hold data (tables, queues, buckets, ...) come first, and stop it;
  versions of functions that would be published without any change of code or
      configuration, on which CloudFormation fails with 409;
  parameters whose default is another one, although the stack keeps its value;
  parameters that the stack has with another value than it will get; against a stage's
      file, those that somebody has changed past it stop it."""
EPILOG = """\
PREVIOUS is another template, or the file of `sam-harness rollback save`, which has the
stack's parameters as well. Against such a file the code is compared, too: the artefact
is built as `sam-harness deploy` would, or taken if it is there.

exit status: 0 go on, whatever is listed; 1 something that holds data would be replaced
or deleted and is not named by --replace, or a parameter was changed past the stage's
file and is not named by --overwrite; 2 the call is wrong."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("template", type=Path, metavar="TEMPLATE")
    parser.add_argument("--against", type=Path, required=True, metavar="PREVIOUS")
    add_repeated(parser, "--parameter", "KEY=VALUE", "a value that the update passes")
    parser.add_argument(
        "--stage",
        type=Path,
        metavar="FILE",
        help="a YAML file of parameters, as `sam-harness deploy` takes it",
    )
    parser.add_argument(
        "--s3-bucket", metavar="NAME",
        help="where the update uploads code to; else where it is now",
    )  # fmt: skip
    lost = "may be replaced or deleted with what it holds"
    add_repeated(parser, "--replace", "LOGICAL_ID", lost)
    parser.add_argument(
        "--overwrite", nargs="+", default=[], metavar="PARAMETER",
        help="gets the file's value, although it was changed past the file",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Print the findings; returns 1 when one of them stops the update."""
    # It imports the SAM translator, which --help and mistakes need not wait for.
    from sam_harness.deploying.planning.plan import Plan  # noqa: PLC0415 - as said
    from sam_harness.deploying.stage import parameters_of  # noqa: PLC0415 - as said
    from sam_harness.template.document import load  # noqa: PLC0415 - as said

    told = assignments(options.parameter)
    if options.stage:
        told = parameters_of(options.stage, load(options.template)) | told
    plan = Plan.of(options.template, options.against, told, options.s3_bucket)
    stops = [
        one
        for one in plan.replaced
        if one.is_stateful and one.logical_id not in options.replace
    ]
    for one in plan.replaced:
        print(f"{'STOP: ' if one in stops else ''}{one}")
    for cause, functions in plan.empty_versions.items():
        names = ", ".join(functions)
        print(f"{names}: a version would be published for nothing but {cause}")
    for line in (*plan.unreached_defaults, *plan.changed_values):
        print(line)
    drifted = plan.drift.keys() - options.overwrite if options.stage else set()
    for name in sorted(drifted):
        print(
            f"STOP: {name} is {plan.drift[name]!r}, and no file has said so: write it "
            f"into {options.stage}, or overwrite it"
        )
    wanted = [f"--replace {one.logical_id}" for one in stops]
    wanted += [f"--overwrite {' '.join(sorted(drifted))}"] if drifted else []
    if wanted:
        print(f"Is it wanted? Then say so: {' '.join(wanted)}", file=sys.stderr)
    return 1 if wanted else 0
