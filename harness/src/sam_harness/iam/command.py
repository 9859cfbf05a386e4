"""``sam-harness iam``: decide requests offline, in AWS's words."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn, cast

from sam_harness.errors import HarnessError, UsageError
from sam_harness.iam.evaluate import Decision, Policies, evaluate
from sam_harness.iam.policy import MalformedPolicy, Policy, PolicyKind, compile_policy
from sam_harness.iam.request import MalformedRequest, Request

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

_CASE = {
    "identityPolicies",
    "permissionsBoundary",
    "sessionPolicies",
    "resourcePolicy",
    "request",
}
_REQUEST = {"principal", "action", "resource", "context"}


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
    print(json.dumps(_simulate(_read(options.cases)), indent=2))
    return 0


def _read(name: str) -> object:
    """Read JSON; a key given twice is an error, as it is to IAM."""
    source = "standard input" if name == "-" else name

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UsageError(f"{source}: key {twice!r} is given twice in one object")
        return dict(pairs)

    def refuse(constant: str) -> NoReturn:
        raise UsageError(f"{source}: {constant} is not JSON")

    try:
        said = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = said.decode()
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{source} is not JSON: {error}") from None


def _simulate(cases: object) -> list[dict[str, object]]:
    """Decide every case.

    Raises:
        HarnessError: naming the case by its index, and what is wrong with it.
    """
    if not isinstance(cases, list):
        raise UsageError("the cases are not a JSON list")
    results: list[dict[str, object]] = []
    for index, case in enumerate(cases):
        try:
            decision = _decide(case)
        except (MalformedPolicy, MalformedRequest) as error:
            raise HarnessError(f"case {index}: {error}") from None
        matches = [asdict(match) for match in decision.matches]
        results.append({"decision": str(decision), "matchedStatements": matches})
    return results


def _decide(case: object) -> Decision:
    fields = _object(case, "the case", _CASE)
    request = _object(fields.get("request"), "request", _REQUEST)
    context = _object(request.get("context") or {}, "context", None)
    action = _string(request, "action")
    asked = Request.of(
        _string(request, "principal"), action, _string(request, "resource"), context
    )
    on_resource = PolicyKind.TRUST if asked.assumes_a_role else PolicyKind.RESOURCE
    policies = Policies(
        identity=_list(fields, "identityPolicies", PolicyKind.IDENTITY),
        boundary=_one(fields, "permissionsBoundary", PolicyKind.BOUNDARY),
        session=_list(fields, "sessionPolicies", PolicyKind.SESSION),
        resource=_one(fields, "resourcePolicy", on_resource),
    )
    return evaluate(policies, asked)


def _object(value: object, name: str, known: set[str] | None) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise MalformedRequest(f"{name} is not a JSON object")
    if known is not None and (unknown := sorted(set(value) - known)):
        raise MalformedRequest(f"{name}: unknown key {unknown[0]!r}")
    return cast("Mapping[str, object]", value)


def _string(request: Mapping[str, object], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise MalformedRequest(f"request.{key} is missing or not a string")
    return value


def _list(
    fields: Mapping[str, object], key: str, kind: PolicyKind
) -> tuple[Policy, ...]:
    documents = fields.get(key)
    if documents is None:
        return ()
    if not isinstance(documents, list):
        raise MalformedRequest(f"{key} is not a list of policies")
    return tuple(
        compile_policy(document, kind, f"{key}[{index}]")
        for index, document in enumerate(documents)
    )


def _one(fields: Mapping[str, object], key: str, kind: PolicyKind) -> Policy | None:
    document = fields.get(key)
    return None if document is None else compile_policy(document, kind, key)
