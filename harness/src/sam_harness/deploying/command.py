"""``sam-harness deploy``: SAM's own `sam deploy`, of the artefact."""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError

from sam_harness.deploying.operation import failed_events
from sam_harness.deploying.stage import parameters_of, recorded
from sam_harness.environments import progress, python_of
from sam_harness.errors import HarnessError, UsageError, said_plainly
from sam_harness.packaging.build import build, built
from sam_harness.template.document import Document, load
from sam_harness.template.names import ANYWHERE
from sam_harness.template.resolver import Resolver
from sam_harness.template.sam import translate

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

# To functions that reserve none.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
_LEFT_TO_OTHERS = 100
_FUNCTION = "AWS::Lambda::Function"
_RESERVED = "ReservedConcurrentExecutions"


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
        source = load(options.template)
        passed = parameters_of(options.stage, source)
        if wanted := reserved(source, passed):
            require_quota(wanted, boto3.client("lambda"))
    make = built if options.built else lambda template: build(template, progress)
    artefact = make(options.template)
    samconfig = options.template.resolve().with_name("samconfig.toml")
    named = ["--config-file", samconfig] if samconfig.exists() else []
    # SAM leaves a directory for every function.
    with (
        TemporaryDirectory(prefix="sam-deploy-") as scratch,
        _recorded(artefact.template, passed) as template,
    ):
        if passed is not None:
            # SAM reads YAML here and no JSON, which is YAML all the same.
            file = Path(scratch, "parameters.yaml")
            file.write_text(json.dumps(passed), encoding="utf-8")
            named += ["--parameter-overrides", f"file://{file}"]
        done = subprocess.run(
            [python_of("sam").with_name("sam"), "deploy",
             "--template-file", template, *named, *options.others],
            env=os.environ | {"SAM_CLI_TELEMETRY": "0", "TMPDIR": scratch}, check=False,
        )  # fmt: skip
    if done.returncode:
        _explain(stack_of(samconfig, options.others))
    return done.returncode


def reserved(source: Document, parameters: Mapping[str, str]) -> int:
    """Return how many environments the functions of a template reserve together.

    Asked for before the deployment, in the middle of which CloudFormation would find
    out that the account has not so many.

    Raises:
        HarnessError: SAM refuses the template.
    """
    template = translate(source, parameters).template
    deployed = Resolver(template, parameters, ANYWHERE).template()["Resources"]
    functions = [one for one in deployed.values() if one["Type"] == _FUNCTION]
    return sum(int(one["Properties"].get(_RESERVED, 0)) for one in functions)


def require_quota(wanted: int, client: "LambdaClient") -> None:
    """Let the deployment go on where the account's quota allows to reserve so many.

    What functions of other stacks reserve is not counted.

    Raises:
        HarnessError: it does not; or Lambda does not say what the quota is.
    """
    with said_plainly():
        limit = client.get_account_settings()["AccountLimit"]
    quota = limit["ConcurrentExecutions"]
    if quota - wanted < _LEFT_TO_OTHERS:
        raise HarnessError(
            f"the functions reserve {wanted} environments, and the account's quota is "
            f"{quota} concurrent executions, of which Lambda keeps {_LEFT_TO_OTHERS} "
            f"for functions that reserve none: ask AWS for {wanted + _LEFT_TO_OTHERS} "
            "(Service Quotas, Lambda, Concurrent executions), or reserve at most "
            f"{max(0, quota - _LEFT_TO_OTHERS)}"
        )


@contextmanager
def _recorded(template: Path, passed: Mapping[str, str] | None) -> Iterator[Path]:
    """Yield the template to deploy: the built one, or with what is passed to it.

    It lies beside the built one, whose paths are relative.
    """
    if passed is None:
        yield template
        return
    with NamedTemporaryFile("w", dir=template.parent, suffix=".yaml") as file:
        json.dump(recorded(load(template), passed), file)
        file.flush()
        yield Path(file.name)


def stack_of(samconfig: Path, others: list[str]) -> str | None:
    """Return the stack that SAM deploys: of the command line, else of its file."""
    chosen: dict[str, str] = {}
    for option, value in pairwise([*others, ""]):
        name, equals, given = option.partition("=")
        chosen[name] = given if equals else value
    if "--stack-name" in chosen or not samconfig.exists():
        return chosen.get("--stack-name")
    environment = chosen.get("--config-env", "default")
    told = tomllib.loads(samconfig.read_text(encoding="utf-8")).get(environment, {})
    name = told.get("deploy", {}).get("parameters", {}).get("stack_name")
    return str(name) if name else None


def _explain(stack: str | None) -> None:
    """Print CloudFormation's own reasons, which SAM has not asked for."""
    if not stack:
        return
    reasons = []
    with suppress(BotoCoreError):  # no region, no credentials: SAM has said so
        reasons = failed_events(boto3.client("cloudformation"), stack)
    for line in reasons:
        print(f"CloudFormation: {line}", file=sys.stderr)
