"""The statements of a template's policies."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sam_harness.iam.request import several
from sam_harness.policy.rule import Element, ResolvedTemplate, listed
from sam_harness.template.values import Path, value_at

# The streams of one log group, and the objects of one bucket: those ARNs end so.
_ONE_RESOURCE = re.compile(
    r"arn:[\w-]+:(logs:[^:*]*:[^:*]*:log-group:[^:*]+:\*|s3:::[^:*/]+/\*)"
)
_UNKNOWN = re.compile("<unknown: .*?>")

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
# What a policy names that it is attached to.
_ATTACHED = ("Groups", "Roles", "Users")
# KMS key policies are left out: "*" means the key itself there, and AWS asks for
# kms:* by the account's root.
_RESOURCE = {"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; ``of_identity`` tells it from a resource's policy."""

    path: Path
    body: Mapping[str, Any]
    of_identity: bool

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

    @property
    def actions(self) -> list[str]:
        """The actions as they are written."""
        return [action for _, action in self.texts("Action")]

    def wildcards(self) -> Iterator[tuple[Path, str]]:
        """Yield the resources that are more than one, as they are to be shown."""
        for path, resource in self.texts("Resource"):
            shown = _UNKNOWN.sub("…", resource)
            is_told = shown.startswith(("arn:", "*"))  # else Ref gives an ARN
            if is_told and "*" in shown and not _ONE_RESOURCE.fullmatch(shown):
                yield path, shown


def allowing(template: ResolvedTemplate) -> Iterator[Statement]:
    """Yield every statement that gives rather than takes."""
    every = _statements(template)
    return (one for one in every if one.body.get("Effect") == "Allow")


def _statements(template: ResolvedTemplate) -> Iterator[Statement]:
    """Yield every statement that a stack attaches to identities and resources.

    What SAM writes of itself, of its policy templates or for an event, is left out.
    """
    for element in template.elements(*_INLINE):
        for policy in listed(element.properties.get("Policies")):
            name = str(policy.get("PolicyName"))
            if is_own(template.source, element.logical_id, name):
                yield from _of_document(template, element, policy.get("PolicyDocument"))
    for element in template.elements(*_IDENTITY, *_RESOURCE):
        if template.is_written_as(element) and not _is_boundary(template, element):
            document = element.properties.get("PolicyDocument")
            yield from _of_document(template, element, document)


def _is_boundary(template: ResolvedTemplate, element: Element) -> bool:
    """Tell whether a policy only bounds what others allow, and so allows nothing.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    names = template.identity(element)
    users = [user.properties for user in template.elements(*_INLINE)]
    policies = [user.get("ManagedPolicyArns") for user in users]
    return (
        any(user.get("PermissionsBoundary") in names for user in users)
        and not any(element.properties.get(key) for key in _ATTACHED)
        and not any(one in names for it in policies for one in it or ())
    )


def is_own(source: Mapping[str, Any], resource: str, policy: str) -> bool:
    """Tell whether the source has the statements of a resource's policy."""
    if source["Resources"].get(resource) is not None:
        return True
    function = resource.removesuffix("Role")
    written = value_at(source, ("Resources", function, "Properties", "Policies"))
    # SAM numbers what it makes: FunctionRolePolicy0 is the first of Policies.
    number = re.search(r"Policy(\d+)$", policy)
    if number is None:
        return False
    return "Statement" in str(several(written)[int(number[1]) :][:1])


def _of_document(
    template: ResolvedTemplate, element: Element, document: object
) -> Iterator[Statement]:
    if isinstance(document, dict):
        for body in listed(document.get("Statement")):
            path = template.path_of(body, element.at("PolicyDocument"))
            yield Statement(path, body, element.kind not in _RESOURCE)
