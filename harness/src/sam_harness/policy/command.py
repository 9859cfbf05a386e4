"""``sam-harness policy``: check a template, report, set the exit status."""

import argparse
import sys
from pathlib import Path

from sam_harness import project
from sam_harness.errors import UsageError
from sam_harness.policy import report
from sam_harness.template.values import add_repeated, assignments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Check a SAM or CloudFormation template with cfn-lint and rules of our own "
        "(docs/policy-rules.md). Exit status: 0 clean, 1 findings or a template that "
        "SAM rejects, 2 a wrong call. The profile default has our rules about what is "
        "broken, lost or open in any template, strict also those of a house style."
    )
    parser.add_argument("template", type=Path, nargs="?", metavar="TEMPLATE")
    instead = "a parameter's value instead of its default"
    add_repeated(parser, "--parameter", "KEY=VALUE", instead)
    parser.add_argument(
        "--profile",
        choices=[one.value for one in project.Profile],
        help="instead of [tool.sam-harness] policy-profile; without either: default",
    )
    parser.add_argument("--format", choices=["text", "sarif"], default="text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="instead of stdout")
    parser.add_argument(
        "--list-rules", action="store_true", help="print our rules and stop"
    )


def run(options: argparse.Namespace) -> int:
    """Run the check; returns 1 when it found errors or warnings, else 0."""
    if options.list_rules:
        sys.stdout.write(listing())
        return 0
    if options.template is None:
        raise UsageError("name a template, or ask for --list-rules")
    parameters = assignments(options.parameter)
    # cfn-lint takes seconds to import, which --help and mistakes need not wait for.
    from sam_harness.policy.check import check  # noqa: PLC0415 - as said

    profile = options.profile or project.current().policy_profile
    findings = check(options.template, parameters, project.Profile(profile))
    if options.format == "sarif":
        told = report.sarif(findings, project.current().root)
    else:
        told = report.text(options.template, findings)
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(told, encoding="utf-8")
    else:
        sys.stdout.write(told)
    return 1 if report.failing(findings) else 0


def listing() -> str:
    """Return the table of our rules in Markdown."""
    from sam_harness.policy.rules import RULES  # noqa: PLC0415 - needs the SAM translator

    lines = ["| rule | profile | sentence | holds |", "|---|---|---|---|"]
    lines += [
        f"| {rule.id} | {rule.profile} | {rule.sentence} | {rule.holds.value} |"
        for rule in RULES
    ]
    return "\n".join([*lines, ""])
