"""``sam-harness iam``: decide requests offline, in AWS's words."""

import argparse
import json
import sys
from pathlib import Path

from harness.errors import UsageError
from harness.iam.cases import read_json, simulate

_FORMAT = """\
CASES.json is a list of cases; "-" reads it from standard input:

  [{"identityPolicies": [POLICY, ...],
    "permissionsBoundary": POLICY or null,
    "sessionPolicies": [POLICY, ...],
    "resourcePolicy": POLICY or null,
    "request": {"principal": ARN, "action": "sqs:SendMessage",
                "resource": ARN or "*", "context": {"aws:SourceIp": "192.0.2.1"}}}]

Every key but "request" may be left out. For sts:AssumeRole and its siblings
"resourcePolicy" is the role's trust policy. The principal may be a service
(lambda.amazonaws.com); a session's role is taken from its ARN unless the context
has aws:PrincipalArn. The context holds strings, numbers, booleans or lists of
them. What principal and resource imply (aws:PrincipalArn, aws:username, ...) is
added; nothing else is, not even the time.

The output is a list with one result per case:

  [{"decision": "allowed" | "explicitDeny" | "implicitDeny",
    "matchedStatements": [{"policy": "identityPolicies[0]",
                           "statement": Sid or index, "effect": "Allow"}]}]

matchedStatements are those that deny, if any does, else all that allow; after an
implicitDeny they were not enough.

exit status: 0 decided, whatever the decision; 1 a case is malformed (the message
names case and statement); 2 the file is missing or not JSON."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``simulate``."""
    commands = parser.add_subparsers(dest="action", required=True)
    command = commands.add_parser(
        "simulate",
        help="decide the requests of a file",
        description="Decide requests from the policies given, as IAM would.",
        epilog=_FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("cases", metavar="CASES.json", help='the cases, or "-"')


def run(options: argparse.Namespace) -> int:
    """Print the decisions."""
    source = "standard input" if options.cases == "-" else options.cases
    results = simulate(read_json(_read(options.cases), source))
    print(json.dumps(results, indent=2))
    return 0


def _read(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.buffer.read().decode()
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text") from None
