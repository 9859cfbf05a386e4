"""What a role would be denied, were each action taken from its policies in turn.

With every call that it let through, the gate wrote down the statements that allowed it.
An Allow anywhere is all that a call needs where nothing denies; so without an action, a
call of it is denied if no other statement allowed it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sam_harness.emulator.gate_client import RecordedDecision

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """An action of one statement, ``<policy>/<Sid>``; ``label``: as the gate's."""

    role: str
    statement: str
    action: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Name it as a reader looks for it."""
        return f"{self.role}, {self.statement}: {self.action}"


def of_role(iam: "IAMClient", role: str, arn: str) -> Iterator[Grant]:
    """Yield what the inline policies of a role allow; ``role``: what it is called."""
    name = arn.rpartition("/")[2]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        found = iam.get_role_policy(RoleName=name, PolicyName=policy)
        yield from _granted(role, policy, policy, found["PolicyDocument"])


def of_policy(iam: "IAMClient", policy: str, arn: str) -> Iterator[Grant]:
    """Yield what a managed policy allows; ``policy``: what it is called."""
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    name = arn.rpartition("/")[2]
    yield from _granted(policy, policy, name, found["PolicyVersion"]["Document"])


def missed(grants: Iterable[Grant], decided: Iterable[RecordedDecision]) -> set[Grant]:
    """Return those without which a call would have been denied.

    ``decided``: about the calls of the role, or of the roles that a boundary limits.
    """
    of = {(one.action, one.label): one for one in grants}
    names = {one.label for one in of.values()}
    found = set()
    for one in decided:
        allowing = names & set(one["statements"])
        if one["decision"] == "allowed" and len(allowing) == 1:
            found.add((one["action"], *allowing))
    return {grant for key, grant in of.items() if key in found}


def _granted(role: str, policy: str, name: str, document: object) -> Iterator[Grant]:
    assert isinstance(document, Mapping)
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow", statement
        actions, sid = statement["Action"], statement["Sid"]
        for action in actions if isinstance(actions, list) else [actions]:
            yield Grant(role, f"{policy}/{sid}", action, f"{name}/{sid}")
