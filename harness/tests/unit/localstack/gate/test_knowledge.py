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
