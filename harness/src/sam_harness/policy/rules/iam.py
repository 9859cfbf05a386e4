"""What the policies of a template allow, and how they are written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from samtranslator.policy_template_processor.processor import PolicyTemplatesProcessor

from sam_harness.policy.rule import Element, ResolvedTemplate, Violation, known, rule
from sam_harness.template.resolver import Path

# X-Ray knows no resources, so "*" is the narrowest that it accepts.
_NEEDS_ANY_RESOURCE = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
# The streams of one log group, and the objects of one bucket: those ARNs end so.
_ONE_RESOURCE = re.compile(
    r"arn:[\w-]+:(logs:[^:*]*:[^:*]*:log-group:[^:*]+:\*|s3:::[^:*/]+/\*)"
)


_INLINE = {
    "AWS::IAM::Group",
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::SSO::PermissionSet",
}
_IDENTITY = {
    "AWS::IAM::GroupPolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::UserPolicy",
}
# KMS key policies are left out: "*" means the key itself there, and AWS asks for
# kms:* by the account's root.
_RESOURCE = {
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``of_identity`` tells it from a resource's policy."""

    path: Path
    body: Mapping[str, Any]
    of_identity: bool

    @property
    def allows(self) -> bool:
        """Whether it gives rather than takes."""
        return self.body.get("Effect") == "Allow"

    def texts(self, key: str) -> list[tuple[Path, str]]:
        """Return the strings under ``key`` (one or a list) with their paths."""
        value = self.body.get(key, [])
        if isinstance(value, list):
            return [
                ((*self.path, key, i), item)
                for i, item in enumerate(value)
                if isinstance(item, str)
            ]
        return [((*self.path, key), value)] if isinstance(value, str) else []


@rule("E9001", "An Allow statement names its actions without wildcards or NotAction.")
def _wildcard_action(template: ResolvedTemplate) -> Iterator[Violation]:
    for statement in _statements(template):
        if not statement.allows:
            continue
        if "NotAction" in statement.body:
            message = "NotAction allows every action but the named: name the needed"
            yield Violation((*statement.path, "NotAction"), message)
        for path, action in statement.texts("Action"):
            if "*" in action or "?" in action:
                yield Violation(path, f"{action} allows more than one action: name it")


@rule(
    "E9002",
    "An Allow statement names its resources without wildcards; X-Ray's two write "
    "actions need one.",
)
def _wildcard_resource(template: ResolvedTemplate) -> Iterator[Violation]:
    for statement in _statements(template):
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


@rule("E9003", "A function's role has no managed policy from outside the template.")
def _managed_policy(template: ResolvedTemplate) -> Iterator[Violation]:
    users: dict[str, list[str]] = {}
    for function in template.elements("AWS::Lambda::Function"):
        role = template.find(function.properties.get("Role"), "AWS::IAM::Role")
        if role:
            users.setdefault(role.logical_id, []).append(function.logical_id)
    for role in template.elements("AWS::IAM::Role"):
        names = ", ".join(users.get(role.logical_id, []))
        for i, policy in enumerate(role.properties.get("ManagedPolicyArns", [])):
            # One that this template defines is read by the rules above.
            own = template.find(policy, "AWS::IAM::ManagedPolicy")
            if names and not own:
                said = str(policy).rpartition("/")[2] if known(policy) else "a policy"
                message = f"the role of {names} has {said}: list the actions it needs"
                yield Violation(role.at("ManagedPolicyArns", i), message)


def _statements(template: ResolvedTemplate) -> Iterator[Statement]:
    """Yield every statement that a stack attaches to identities and resources."""
    for element in template.elements(*_INLINE):
        for policy in _listed(element.properties.get("Policies")):
            yield from _of_document(template, element, policy.get("PolicyDocument"))
    for element in template.elements(*_IDENTITY):
        document = element.properties.get("PolicyDocument")
        yield from _of_document(template, element, document)
    for element in template.elements(*_RESOURCE):
        document = element.properties.get("PolicyDocument")
        yield from _of_document(template, element, document, of_identity=False)


def _of_document(
    template: ResolvedTemplate,
    element: Element,
    document: object,
    *,
    of_identity: bool = True,
) -> Iterator[Statement]:
    if isinstance(document, dict):
        for body in _listed(document.get("Statement")):
            path = template.path_of(body, element.at("PolicyDocument"))
            yield Statement(path, body, of_identity)


def _listed(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


@cache
def _templates() -> frozenset[str]:
    listed = PolicyTemplatesProcessor.get_default_policy_templates_json()
    return frozenset(listed["Templates"])


@rule("E9050", "A resource's policies are written out, not taken from SAM's templates.")
def _policy_template(template: ResolvedTemplate) -> Iterator[Violation]:
    for logical_id, resource in template.source["Resources"].items():
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        policies = properties.get("Policies")
        for i, policy in enumerate(policies if isinstance(policies, list) else []):
            for name in _templates() & set(policy if isinstance(policy, dict) else {}):
                message = f"{name} is a SAM policy template: write the exact statement"
                path = ("Resources", logical_id, "Properties", "Policies", i, name)
                yield Violation(path, message)
