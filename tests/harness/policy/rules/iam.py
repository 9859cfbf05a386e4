"""What a stack's roles may do."""

import re
from collections.abc import Iterator

from harness.policy.rule import Rule, Violation
from harness.policy.stack import Stack, known
from harness.policy.statements import Statement, statements

# X-Ray knows no resources, so "*" is the narrowest that it accepts.
_NEEDS_ANY_RESOURCE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# The streams of one log group, and the objects of one bucket: those ARNs end so.
_ONE_RESOURCE = re.compile(
    r"arn:[\w-]+:(logs:[^:*]*:[^:*]*:log-group:[^:*]+:\*|s3:::[^:*/]+/\*)"
)


def _wildcard_action(stack: Stack) -> Iterator[Violation]:
    for statement in statements(stack):
        if not statement.allows:
            continue
        if "NotAction" in statement.body:
            message = "NotAction allows every action but the named: name the needed"
            yield Violation((*statement.path, "NotAction"), message)
        for path, action in statement.texts("Action"):
            if "*" in action or "?" in action:
                yield Violation(path, f"{action} allows more than one action: name it")


def _wildcard_resource(stack: Stack) -> Iterator[Violation]:
    for statement in statements(stack):
        if not (statement.allows and statement.of_identity):
            continue
        if "NotResource" in statement.body:
            message = "NotResource covers every resource but the named: name the needed"
            yield Violation((*statement.path, "NotResource"), message)
        if _accepts_only_any(statement):
            continue
        for path, resource in statement.texts("Resource"):
            shown = re.sub("<unknown: .*?>", "…", resource)
            if "*" in shown and not _ONE_RESOURCE.fullmatch(shown):
                message = f'"{shown}" is more than one resource: name the ARNs'
                yield Violation(path, message)


def _accepts_only_any(statement: Statement) -> bool:
    actions = {action for _, action in statement.texts("Action")}
    return bool(actions) and actions <= _NEEDS_ANY_RESOURCE


def _managed_policy(stack: Stack) -> Iterator[Violation]:
    users: dict[str, list[str]] = {}
    for function in stack.elements("AWS::Lambda::Function"):
        role = stack.find(function.properties.get("Role"), "AWS::IAM::Role")
        if role:
            users.setdefault(role.logical_id, []).append(function.logical_id)
    for role in stack.elements("AWS::IAM::Role"):
        names = ", ".join(users.get(role.logical_id, []))
        for i, policy in enumerate(role.properties.get("ManagedPolicyArns", [])):
            # One that this template defines is read by the rules above.
            own = stack.find(policy, "AWS::IAM::ManagedPolicy")
            if names and not own:
                said = str(policy).rpartition("/")[2] if known(policy) else "a policy"
                message = f"the role of {names} has {said}: list the actions it needs"
                yield Violation(role.at("ManagedPolicyArns", i), message)


RULES = (
    Rule(
        "E9001",
        "An Allow statement names its actions without wildcards or NotAction.",
        _wildcard_action,
    ),
    Rule(
        "E9002",
        "An Allow statement names its resources without wildcards; X-Ray's two write "
        "actions need one.",
        _wildcard_resource,
    ),
    Rule(
        "E9003",
        "A function's role has no managed policy from outside the template.",
        _managed_policy,
    ),
)
