"""``sam-harness rollback``: keep what a stack is made of, and go back to it.

What is kept is the stack's own template, which names the code in S3, and its
parameters: going back builds nothing and needs no older checkout. CloudFormation acts
in the role that the stack was deployed with.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from sam_harness.cache import key_of
from sam_harness.deploying.operation import Operation
from sam_harness.deploying.stack import parameters_of
from sam_harness.errors import HarnessError, UsageError
from sam_harness.template.values import add_repeated, assignments

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

# A canary of ten minutes, twice over, and the resources before it.
TIMEOUT_S = 1800.0
# Where a first deployment ends that failed, before or after it had begun.
NEVER_COMPLETE = {
    "CREATE_FAILED",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
}
# CloudFormation's limit for a template in the call itself.
MAX_TEMPLATE_BYTES = 51_200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``save`` and ``restore``."""
    parser.description = (
        "Keep a stack's template and parameters before an update, and go back to them "
        "after it. Region, credentials and AWS_ENDPOINT_URL come from the environment."
    )
    commands = parser.add_subparsers(dest="action", required=True)
    saving = commands.add_parser("save", help="before the update")
    saving.add_argument("--stack", required=True, metavar="NAME")
    restoring = commands.add_parser("restore", help="after it")
    instead = "a value instead of the kept one"
    add_repeated(restoring, "--parameter", "KEY=VALUE", instead)
    restoring.add_argument(
        "--s3-bucket", metavar="NAME",
        help=f"where a template of more than {MAX_TEMPLATE_BYTES:,} bytes is put",
    )  # fmt: skip
    for command in (saving, restoring):
        command.add_argument("file", type=Path, metavar="FILE")


def run(options: argparse.Namespace) -> int:
    """Keep a stack as it is now, or go back to it."""
    cloudformation = boto3.client("cloudformation")
    if options.action == "save":
        save(cloudformation, options.stack, options.file)
    else:
        restore(cloudformation, options.file, options.parameter, options.s3_bucket)
    return 0


def _template(text: str, bucket: str | None, file: Path) -> dict[str, Any]:
    """Return the template as the call takes it: by its text, or where it is in S3."""
    if len(text.encode()) <= MAX_TEMPLATE_BYTES:
        return {"TemplateBody": text}
    if not bucket:
        raise HarnessError(
            f"{file}: the template has more than {MAX_TEMPLATE_BYTES:,} bytes: name a "
            "bucket for it with --s3-bucket"
        )
    s3 = boto3.client("s3")
    key = f"{key_of(text)}.template"
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}


def save(cloudformation: "CloudFormationClient", stack: str, file: Path) -> None:
    """Write the stack's template and parameters to ``file``.

    A stack that is not there yet, or never was complete, leaves no file: there is
    nothing to go back to.
    """
    file.unlink(missing_ok=True)
    try:
        described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        print(f"there is no stack {stack} yet: nothing to keep")
        return
    if (status := described["StackStatus"]) in NEVER_COMPLETE:
        print(f"{stack} is {status}, it never was complete: nothing to keep")
        return
    # As it was submitted: what CloudFormation made of its macros cannot be submitted.
    body: Any = cloudformation.get_template(StackName=stack, TemplateStage="Original")[
        "TemplateBody"
    ]
    kept = {
        "stack": stack,
        # A template in JSON comes parsed.
        "template": body if isinstance(body, str) else json.dumps(body),
        "parameters": parameters_of(described),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept), encoding="utf-8")
    print(f"{stack}, as it is now, is kept in {file}")


def restore(
    cloudformation: "CloudFormationClient",
    file: Path,
    changed: Sequence[str] = (),
    bucket: str | None = None,
) -> None:
    """Update the stack to what ``save`` kept; ``changed`` are ``KEY=VALUE``.

    ``bucket``: where a template is put that is too long for the call.

    Raises:
        UsageError: there is no such file.
        HarnessError: a resource failed; names each with CloudFormation's reason.
    """
    if not file.exists():
        raise UsageError(
            f"{file}: no such file: nothing was kept, so there is no version to go "
            "back to"
        )
    kept = json.loads(file.read_text(encoding="utf-8"))
    stack, template = kept["stack"], kept["template"]
    parameters = kept["parameters"]
    for name, value in assignments(changed).items():
        if name in parameters:
            parameters[name] = value
        else:  # no reason not to go back
            print(f"left out {name}: the kept template has no such parameter")
    operation = Operation(cloudformation, stack)
    at = _template(template, bucket, file)
    if not operation.submit(at, parameters, update=True):
        print(f"{stack} is what it was")
        return
    operation.wait(TIMEOUT_S, lambda event: print(f"  {event}", file=sys.stderr))
    print(f"{stack} is back at what {file} kept")
