"""Which calls make the gate read the policy on a resource again."""

from collections.abc import Mapping

import pytest

from harness.tests.unit.localstack.gate.callers import ACCOUNT, QUEUE, URL
from sam_harness.iam.call import Call
from sam_harness.localstack.gate.knowledge import Knowledge

OTHER = "210987654321"


class QueueWithoutPolicy:
    """As much of SQS's client as is asked for a policy; ``asked``: about which URLs."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_queue_attributes(
        self,
        QueueUrl: str,  # noqa: N803 - boto3's
        **_wanted: object,
    ) -> dict[str, object]:
        """Return no attributes."""
        self.asked.append(QueueUrl)
        return {}


class RoleWithBoundary:
    """As much of IAM's client as is asked for a boundary: another one each time."""

    def __init__(self) -> None:
        self.asked = 0

    def get_role(self, RoleName: str) -> dict[str, object]:  # noqa: N803 - boto3's
        """Return the role with another boundary than before."""
        self.asked += 1
        boundary = {"PermissionsBoundaryArn": f"limit {self.asked} of {RoleName}"}
        return {"Role": {"PermissionsBoundary": boundary}}


def test_a_roles_boundary_is_read_again_once_it_may_be_another() -> None:
    """A role's policies may be changed only within the one that it has."""
    iam = RoleWithBoundary()
    knowledge = Knowledge(lambda *_of: iam)
    role = f"arn:aws:iam::{ACCOUNT}:role/r"
    before = [knowledge.lookup(role), knowledge.lookup(role)]

    put = {"RoleName": "r"}
    knowledge.after(Call("iam", "PutRolePermissionsBoundary", put, ACCOUNT, ""))

    assert before == ["limit 1 of r", "limit 1 of r"]
    assert knowledge.lookup(role) == "limit 2 of r"


@pytest.mark.parametrize(
    ("account", "operation", "asked", "times"),
    [
        (ACCOUNT, "SetQueueAttributes", {"QueueUrl": URL}, 2),
        (ACCOUNT, "CreateQueue", {"QueueName": "other"}, 2),
        (OTHER, "SetQueueAttributes", {"QueueUrl": URL}, 2),
        (OTHER, "CreateQueue", {"QueueName": "queue"}, 1),
        (ACCOUNT, "SendMessage", {"QueueUrl": URL}, 1),
    ],
    ids=["itself", "its account", "by another account", "another account", "a message"],
)
def test_a_resources_policy_is_read_again_once_it_may_be_another(
    account: str, operation: str, asked: Mapping[str, object], times: int
) -> None:
    """What other accounts do with their own is no reason."""
    sqs = QueueWithoutPolicy()
    knowledge = Knowledge(lambda *_of: sqs)
    knowledge.resource(QUEUE, ACCOUNT)

    knowledge.after(Call("sqs", operation, asked, account, "us-east-1"))

    knowledge.resource(QUEUE, ACCOUNT)
    assert sqs.asked == [URL] * times
