"""What the gate reads, in which account, and which calls make it read again."""

from collections.abc import Callable, Mapping

import pytest
from botocore.exceptions import ClientError

from harness.tests.unit.localstack.gate.callers import ACCOUNT, QUEUE, URL
from sam_harness.iam.call import Call
from sam_harness.iam.policy import PolicyKind
from sam_harness.localstack.gate.knowledge import Knowledge

OTHER = "210987654321"
BUCKET = "arn:aws:s3:::b"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"


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
        (ACCOUNT, "SetQueueAttributes", {"QueueUrl": URL, "Attributes": {}}, 2),
        (ACCOUNT, "CreateQueue", {"QueueName": "other"}, 2),
        (OTHER, "SetQueueAttributes", {"QueueUrl": URL}, 2),
        (OTHER, "CreateQueue", {"QueueName": "queue"}, 1),
        (ACCOUNT, "SendMessage", {"QueueUrl": URL}, 1),
    ],
    ids=[
        "itself",
        "with a map",
        "its account",
        "by another account",
        "another account",
        "a message",
    ],
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


class Failing:
    """As much of any client as is asked here: each call ends with an error."""

    def __init__(self, code: str) -> None:
        self._error = ClientError({"Error": {"Code": code}}, "Any")

    def __getattr__(self, _operation: str) -> Callable[..., object]:
        """Return an operation that fails."""

        def fail(**_asked: object) -> object:
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("arn", "absent"),
    [
        (QUEUE, "AWS.SimpleQueueService.NonExistentQueue"),
        (BUCKET, "NoSuchBucketPolicy"),
        (FUNCTION, "ResourceNotFoundException"),
    ],
)
def test_a_resource_has_no_policy_only_where_its_service_says_so(
    arn: str, absent: str
) -> None:
    """One that cannot be read may deny what is asked."""
    assert Knowledge(lambda *_of: Failing(absent)).resource(arn, ACCOUNT) is None

    with pytest.raises(ClientError):
        Knowledge(lambda *_of: Failing("InternalFailure")).resource(arn, ACCOUNT)


@pytest.mark.parametrize(
    ("arn", "absent"),
    [
        (QUEUE, "AWS.SimpleQueueService.NonExistentQueue"),
        (FUNCTION, "ResourceNotFoundException"),
    ],
)
def test_what_is_not_there_has_no_tags(arn: str, absent: str) -> None:
    """Tags that cannot be read are not none: a policy may deny by one."""
    assert Knowledge(lambda *_of: Failing(absent)).tags(arn) == {}

    with pytest.raises(ClientError):
        Knowledge(lambda *_of: Failing("InternalFailure")).tags(arn)


def test_a_service_without_a_look_up_is_not_asked() -> None:
    """Its mapping needs no more than the call."""
    alarm = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:a"

    assert Knowledge(lambda *_of: Failing("Asked")).lookup(alarm) is None


def test_the_account_of_an_arn_is_asked() -> None:
    """Another is told only for a bucket, whose ARN has none."""
    asked = []

    def clients(_service: str, account: str, _region: str) -> QueueWithoutPolicy:
        asked.append(account)
        return QueueWithoutPolicy()

    Knowledge(clients).resource(QUEUE, OTHER)

    assert asked == [ACCOUNT]


def test_a_buckets_policy_is_read_again_once_it_may_be_another() -> None:
    """Its ARN has no account: any account's change may be one of it."""
    asked: list[tuple[str, ...]] = []

    class Bucket:
        def get_bucket_policy(self, **named: object) -> dict[str, object]:
            assert named == {"Bucket": "b"}
            return {}

    def clients(*of: str) -> Bucket:
        asked.append(of)
        return Bucket()

    knowledge = Knowledge(clients)
    for operation in ("PutObject", "PutBucketPolicy", "GetBucketPolicy"):
        knowledge.resource(f"{BUCKET}/key", ACCOUNT)
        knowledge.after(Call("s3", operation, {"Bucket": "b"}, OTHER, ""))
    knowledge.resource(f"{BUCKET}/key", ACCOUNT)

    assert asked == [("s3", ACCOUNT, "")] * 2


def test_only_buckets_are_owned_by_an_account_that_their_arn_does_not_name() -> None:
    """What else has an ARN without one, as AWS's own parameters, is no bucket."""
    owner = Knowledge(lambda *_of: None, {"b": OTHER, "parameter": OTHER}.get).owner

    assert owner(BUCKET) == owner(f"{BUCKET}/a/b:c") == OTHER
    assert owner("arn:aws:ssm:us-east-1::parameter/aws/service/p") is None


def test_an_inline_policy_that_is_removed_meanwhile_hides_no_other() -> None:
    """A role's policies are read one after another."""
    document = {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}

    class GoneError(Exception):
        pass

    class Role:
        class exceptions:  # noqa: N801 - boto3's
            NoSuchEntityException = GoneError

        def get_role(self, **_of: object) -> dict[str, object]:
            trust = {**document["Statement"], "Principal": "*"}
            del trust["Resource"]
            return {"Role": {"AssumeRolePolicyDocument": {"Statement": trust}}}

        def get_paginator(self, operation: str) -> "Role":
            self._listed = operation
            return self

        def paginate(self, **_of: object) -> list[dict[str, object]]:
            names = ["gone", "kept"] if self._listed == "list_role_policies" else []
            return [{"PolicyNames": names, "AttachedPolicies": []}]

        def get_role_policy(self, PolicyName: str, **_of: object) -> dict[str, object]:  # noqa: N803 - boto3's
            if PolicyName == "gone":
                raise GoneError
            return {"PolicyDocument": document}

    role = Knowledge(lambda *_of: Role()).role(f"arn:aws:iam::{ACCOUNT}:role/r")

    assert [(one.name, one.kind) for one in role.identity] == [
        ("kept", PolicyKind.IDENTITY)
    ]
