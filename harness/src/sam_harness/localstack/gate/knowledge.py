"""All that decisions rest on, read from LocalStack and kept until it may change."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sam_harness.iam import services
from sam_harness.iam.policy import Policy, PolicyKind
from sam_harness.localstack.gate import policies
from sam_harness.localstack.gate.policies import Attached, Clients

# IAM and S3 are not regional; LocalStack has them everywhere.
_ANYWHERE = "us-east-1"
# By the beginning of the operation's name. What is missing here costs time, no more.
_READS = ("Describe", "Get", "Head", "List", "Simulate")


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
    """Roles by account and name, resource policies by service and account, look-ups."""

    def __init__(self, clients: Clients) -> None:
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
        """Return the policy on a resource; ``account``: see `policies.on_resource`."""
        holder = policies.holder_of(arn)
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
        return policies.of_role(self._clients("iam", _account(arn), _ANYWHERE), arn)

    def _load_session_policy(self, key: str) -> Policy:
        account, arn = key.split(" ", 1)
        iam = self._clients("iam", account, _ANYWHERE)
        return policies.managed_policy(iam, arn, PolicyKind.SESSION)

    def _load_resource(self, key: str) -> Policy | None:
        account, arn = key.split(" ", 1)
        return policies.on_resource(self._clients, arn, account)

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


def may_change(service: str, operation: str) -> bool:
    """Tell whether policies, or what the mapping looks up, may be others afterwards."""
    harmless = services.named(service).harmless
    if harmless is None:
        return False
    return not operation.startswith((*_READS, *harmless.split()))
