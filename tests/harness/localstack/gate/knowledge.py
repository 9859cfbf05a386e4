"""All that decisions rest on, read from LocalStack and kept until it may change."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from harness.iam.mapping import Lookups
from harness.iam.policy import Policy, PolicyKind
from harness.localstack.gate import attached, resources
from harness.localstack.gate.attached import Attached

# IAM and S3 are not regional; LocalStack has them everywhere.
_ANYWHERE = "us-east-1"
# By the beginning of the operation's name. What is missing here costs time, no more.
_READS = ("Describe", "Get", "Head", "List", "Simulate")
_HARMLESS = {
    "dynamodb": ("Batch", "DeleteItem", "Execute", "PutItem", "Query", "Scan",
                 "Transact", "UpdateItem"),
    "iam": (),
    "lambda": ("Invoke",),
    "s3": ("AbortMultipart", "CompleteMultipart", "CopyObject", "CreateMultipart",
           "DeleteObject", "PutObject", "UploadPart"),
    "sns": ("Publish", "Subscribe", "Unsubscribe"),
    "sqs": ("ChangeMessage", "DeleteMessage", "PurgeQueue", "Receive", "SendMessage"),
}  # fmt: skip


class Cache[V]:
    """What ``load`` returned, by scope and key; a scope is dropped as a whole.

    A load that began before its scope was dropped is not kept: it writes into the
    mapping that was dropped.
    """

    def __init__(self, load: Callable[[str], V]) -> None:
        self._load = load
        self._scopes: dict[str, dict[str, V]] = {}

    def get(self, scope: str, key: str) -> V:
        """Return the value of ``key``, loading it when it is not kept."""
        kept = self._scopes.setdefault(scope, {})
        if key not in kept:
            kept[key] = self._load(key)
        return kept[key]

    def drop(self, scope: str) -> None:
        """Forget all of a scope."""
        self._scopes.pop(scope, None)

    def drop_below(self, prefix: str) -> None:
        """Forget all of the scopes whose names begin so."""
        for scope in list(self._scopes):
            if scope.startswith(prefix):
                self.drop(scope)


class Knowledge:
    """Roles by account and name, resource policies by service and account, tables."""

    def __init__(self, clients: resources.Clients) -> None:
        self._clients = clients
        self._roles = Cache(self._load_role)
        self._session_policies = Cache(self._load_session_policy)
        self._resources = Cache(self._load_resource)
        self._tables = Cache(self._load_table)

    def role(self, arn: str) -> Attached:
        """Return what is attached to a role."""
        return self._roles.get(f"{_account(arn)}/{arn.rpartition('/')[2]}", arn)

    def session_policy(self, arn: str, account: str) -> Policy:
        """Return a managed policy that limits a session of ``account``."""
        return self._session_policies.get(account, f"{account} {arn}")

    def resource(self, arn: str, account: str) -> Policy | None:
        """Return the policy on a resource; ``account``: see `resources.policy_of`."""
        service, within = arn.split(":", 5)[2:6:3]
        if not resources.has_policies(service):
            return None
        if service == "s3":  # one policy for all objects of a bucket
            arn = arn.removesuffix(within) + within.partition("/")[0]
        return self._resources.get(_scope(service, _account(arn)), f"{account} {arn}")

    def lookups(self, account: str, region: str) -> Lookups:
        """Return what the mapping may ask about."""

        def partition_key(table: str, index: str | None) -> str | None:
            found = self._tables.get("dynamodb", f"{account} {region} {table}")
            return found.get(index)

        def sources(queue_arn: str) -> list[str] | None:
            sqs = self._clients("sqs", _account(queue_arn), queue_arn.split(":")[3])
            found = _redrive_sources(sqs, queue_arn)
            return None if found is None else list(found)

        return Lookups(partition_key, sources)

    def after(
        self, service: str, operation: str, account: str, asked: Mapping[str, Any]
    ) -> None:
        """Forget what a call may have changed; ``asked`` are its parameters."""
        if not may_change(service, operation):
            return
        if service == "iam" and (role := asked.get("RoleName")):
            # To read a role takes several calls, and a stack makes many of them.
            self._roles.drop(f"{account}/{role}")
        elif service == "iam":
            self._roles.drop_below(f"{account}/")
            self._session_policies.drop(account)
        elif service == "dynamodb":
            self._tables.drop(service)
        else:
            for owner in {"", account, *_accounts_in(asked)}:
                self._resources.drop(_scope(service, owner))

    def _load_role(self, arn: str) -> Attached:
        return attached.of_role(self._clients("iam", _account(arn), _ANYWHERE), arn)

    def _load_session_policy(self, key: str) -> Policy:
        account, arn = key.split(" ", 1)
        iam = self._clients("iam", account, _ANYWHERE)
        return attached.managed_policy(iam, arn, PolicyKind.SESSION)

    def _load_resource(self, key: str) -> Policy | None:
        account, arn = key.split(" ", 1)
        return resources.policy_of(self._clients, arn, account)

    def _load_table(self, key: str) -> dict[str | None, str]:
        account, region, table = key.split(" ", 2)
        return _key_attributes(self._clients("dynamodb", account, region), table)


def _account(arn: str) -> str:
    return arn.split(":", 5)[4]


def _scope(service: str, account: str) -> str:
    """Return where policies on resources are kept; a bucket's ARN has no account."""
    return f"{service}/{account}"


def _accounts_in(asked: Mapping[str, Any]) -> Iterator[str]:
    # LocalStack also changes what an ARN or a URL says to be another account's.
    for value in asked.values():
        if isinstance(value, str):
            yield from re.findall(r"\b\d{12}\b", value)


def may_change(service: str, operation: str) -> bool:
    """Tell whether policies, or what the mapping looks up, may be others afterwards."""
    harmless = _HARMLESS.get(service)
    return harmless is not None and not operation.startswith((*_READS, *harmless))


def _key_attributes(dynamodb: Any, table: str) -> dict[str | None, str]:  # noqa: ANN401 - boto3's
    """Return the partition key of a table, by index; None is the table itself.

    Of a table that does not exist nothing is known.
    """
    try:
        found = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return {}
        raise
    indexes = [
        *found.get("GlobalSecondaryIndexes", ()),
        *found.get("LocalSecondaryIndexes", ()),
    ]
    return {
        None: _partition_key(found),
        **{index["IndexName"]: _partition_key(index) for index in indexes},
    }


def _redrive_sources(sqs: Any, queue_arn: str) -> Iterable[str] | None:  # noqa: ANN401 - boto3's
    """Return the ARNs of the queues that have the given one for their DLQ."""
    prefix, name = queue_arn.rsplit(":", 1)
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        listed = sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"]
    except ClientError:
        return None  # the mapping then asks for every queue
    return [f"{prefix}:{one.rsplit('/', 1)[-1]}" for one in listed]


def _partition_key(described: Any) -> str:  # noqa: ANN401 - a part of the answer
    return next(
        str(one["AttributeName"])
        for one in described["KeySchema"]
        if one["KeyType"] == "HASH"
    )
