"""All that decisions rest on, kept until it may have changed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.iam.mapping import Lookups
from harness.iam.policy import Policy, PolicyKind
from harness.localstack_plugin.gate import attached, lookups, resources
from harness.localstack_plugin.gate.attached import Attached
from harness.localstack_plugin.gate.cache import Cache
from harness.localstack_plugin.gate.changes import may_change

# IAM and S3 are not regional; LocalStack has them everywhere.
_ANYWHERE = "us-east-1"


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
            found = lookups.redrive_sources(sqs, queue_arn)
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
        return lookups.key_attributes(self._clients("dynamodb", account, region), table)


def _account(arn: str) -> str:
    return arn.split(":", 5)[4]


def _scope(service: str, account: str) -> str:
    """Return where policies on resources are kept; of a bucket nobody knows whose."""
    return f"{service}/{account}"


def _accounts_in(asked: Mapping[str, Any]) -> Iterator[str]:
    # LocalStack also changes what an ARN or a URL says to be another account's.
    for value in asked.values():
        if isinstance(value, str):
            yield from re.findall(r"\b\d{12}\b", value)
