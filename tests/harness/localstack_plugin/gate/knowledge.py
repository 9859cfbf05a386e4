"""All that decisions rest on, kept until it may have changed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.iam import services
from harness.iam.policy import Policy, PolicyKind
from harness.localstack_plugin.gate import attached, resources
from harness.localstack_plugin.gate.attached import Attached
from harness.localstack_plugin.gate.cache import Cache
from harness.localstack_plugin.gate.changes import may_change

# IAM and S3 are not regional; LocalStack has them everywhere.
_ANYWHERE = "us-east-1"


class Knowledge:
    """Roles by account and name, resource policies by service and account, look-ups."""

    def __init__(self, clients: resources.Clients) -> None:
        self._clients = clients
        self._roles = Cache(self._load_role)
        self._session_policies = Cache(self._load_session_policy)
        self._resources = Cache(self._load_resource)
        self._lookups = Cache(self._load_lookup)

    def role(self, arn: str) -> Attached:
        """Return what is attached to a role."""
        return self._roles.get(f"{_account(arn)}/{arn.rpartition('/')[2]}", arn)

    def session_policy(self, arn: str, account: str) -> Policy:
        """Return a managed policy that limits a session of ``account``."""
        return self._session_policies.get(account, f"{account} {arn}")

    def resource(self, arn: str, account: str) -> Policy | None:
        """Return the policy on a resource; ``account``: see `resources.policy_of`."""
        holder = resources.holder(arn)
        if holder is None:
            return None
        return self._resources.get(_scope(holder), f"{account} {holder}")

    def lookup(self, arn: str) -> object:
        """Return what the rules of a resource's service must know of it."""
        return self._lookups.get(_scope(arn), arn)

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
        else:
            for owner in {"", account, *_accounts_in(asked)}:
                self._resources.drop(f"{service}/{owner}")
                self._lookups.drop(f"{service}/{owner}")

    def _load_role(self, arn: str) -> Attached:
        return attached.of_role(self._clients("iam", _account(arn), _ANYWHERE), arn)

    def _load_session_policy(self, key: str) -> Policy:
        account, arn = key.split(" ", 1)
        iam = self._clients("iam", account, _ANYWHERE)
        return attached.managed_policy(iam, arn, PolicyKind.SESSION)

    def _load_resource(self, key: str) -> Policy | None:
        account, arn = key.split(" ", 1)
        return resources.policy_of(self._clients, arn, account)

    def _load_lookup(self, arn: str) -> object:
        _, _, service, region, account, _ = arn.split(":", 5)
        look_up = services.named(service).lookup
        return look_up and look_up(self._clients(service, account, region), arn)


def _account(arn: str) -> str:
    return arn.split(":", 5)[4]


def _scope(arn: str) -> str:
    """Return service and account, as which answers are kept; a bucket's says none."""
    return f"{arn.split(':')[2]}/{_account(arn)}"


def _accounts_in(asked: Mapping[str, Any]) -> Iterator[str]:
    # LocalStack also changes what an ARN or a URL says to be another account's.
    for value in asked.values():
        if isinstance(value, str):
            yield from re.findall(r"\b\d{12}\b", value)
