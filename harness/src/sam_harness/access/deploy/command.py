"""``sam-harness deploy-permissions``: whether those who deploy may do what it takes."""

import argparse
import sys
from pathlib import Path

from sam_harness import project
from sam_harness.template.values import add_repeated, assignments

DESCRIPTION = """\
Deploy a template in thought, in every way (first deployment, update, deletion; every
branch of its conditions), and ask for each call whether it is allowed:

  what CloudFormation's handlers declare, in the role that CloudFormation works in;
  what AWS's own policies for CodeDeploy allow, in the role that CodeDeploy works in;
  what the template's roles allow, within their permissions boundary.

Both templates are read, AWS is not asked. The outputs of the roles' template are handed
to parameters of the same name, as a pipeline does with PermissionsBoundaryArn."""
EPILOG = """\
Which permissions a handler declares is in the copy of CloudFormation's registry that
cfn-lint has, and what it needs them for in access/deploy/needed_with.yaml. What is not
met on purpose stands in a YAML file, each with its reason:

  - action: iam:DeleteRolePermissionsBoundary
    resource: AWS::IAM::Role        # a type, or a logical id
    reason: no role may ever lose its boundary

--exceptions names it, or `deploy-exceptions` of [tool.sam-harness].

exit status: 0 all is allowed; 1 something would be denied, or an exception covers
nothing; 2 the call is wrong."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("template", type=Path, metavar="TEMPLATE")
    parser.add_argument(
        "--role-template", type=Path, required=True, metavar="FILE",
        help="the template that makes the roles",
    )  # fmt: skip
    parser.add_argument(
        "--stack-name", required=True, metavar="NAME", help="the stack to deploy"
    )
    parser.add_argument(
        "--execution-role", metavar="LOGICAL_ID",
        help="CloudFormation's role; needed where several trust CloudFormation",
    )  # fmt: skip
    for option, of in (("--parameter", "TEMPLATE"), ("--role-parameter", "FILE")):
        told = f"a parameter of {of}, which is not varied then"
        add_repeated(parser, option, "KEY=VALUE", told)
    parser.add_argument(
        "--exceptions", type=Path, metavar="FILE", help="what is denied on purpose"
    )


def run(options: argparse.Namespace) -> int:
    """Print what would be denied; returns 1 when something would, else 0."""
    # They take a second to import, which --help and mistakes need not wait for.
    from sam_harness.access.deploy.check import (  # noqa: PLC0415 - as said
        check,
        load_exceptions,
    )
    from sam_harness.access.deploy.deployers import of_template  # noqa: PLC0415 - as said

    excepted = load_exceptions(
        options.exceptions or project.current().deploy_exceptions
    )
    deployers = of_template(
        options.role_template,
        assignments(options.role_parameter),
        options.execution_role,
    )
    checked = check(
        options.template,
        options.stack_name,
        assignments(options.parameter),
        deployers,
        excepted,
    )
    for line in checked.lines():
        print(line)
    for one in excepted.unused():
        print(f"exception without use: {one}: take it out")
    print(
        f"{options.template}: deploying {options.stack_name}: "
        f"{len(checked.denied)} calls would be denied, {len(checked.allowed)} are "
        f"allowed, {len(checked.excepted)} denied on purpose",
        file=sys.stderr,
    )
    return 1 if checked.denied or excepted.unused() else 0
