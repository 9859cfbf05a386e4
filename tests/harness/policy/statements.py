"""The policy statements of a stack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.policy.stack import Element, Stack
from harness.template.resolver import Path

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


def statements(stack: Stack) -> Iterator[Statement]:
    """Yield every statement that a stack attaches to identities and resources."""
    for element in stack.elements(*_INLINE):
        for policy in _listed(element.properties.get("Policies")):
            yield from _of_document(stack, element, policy.get("PolicyDocument"))
    for element in stack.elements(*_IDENTITY):
        document = element.properties.get("PolicyDocument")
        yield from _of_document(stack, element, document)
    for element in stack.elements(*_RESOURCE):
        document = element.properties.get("PolicyDocument")
        yield from _of_document(stack, element, document, of_identity=False)


def _of_document(
    stack: Stack, element: Element, document: object, *, of_identity: bool = True
) -> Iterator[Statement]:
    if isinstance(document, dict):
        for body in _listed(document.get("Statement")):
            path = stack.path_of(body, element.at("PolicyDocument"))
            yield Statement(path, body, of_identity)


def _listed(value: object) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
