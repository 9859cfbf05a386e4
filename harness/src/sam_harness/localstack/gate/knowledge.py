"""All that decisions rest on, read from LocalStack and kept until it may change."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sam_harness.iam import services
from sam_harness.iam.call import Call, Values, keys_of_tags
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy
from sam_harness.iam.request import context_of

# Makes boto3's client of (service, account, region).
type Clients = Callable[[str, str, str], Any]
# IAM and S3 are not regional; LocalStack has them everywhere.
_ANYWHERE = "us-east-1"
# Parts of the codes of errors which say that a resource does not exist.
_ABSENT = re.compile("NotFound|NonExistent|NotExist|NoSuch|Invalid")
# By the beginning of the operation's name. What is missing here costs time, no more.
_READS = ("Describe", "Get", "Head", "List", "Simulate")


@dataclass(frozen=True, slots=True)
class Attached:
    """The policies of a role; one that does not exist has none."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    trust: Policy | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


class Cache:
    """What was loaded, by scope, loader and key; a scope is dropped as a whole.

    A load that began before its scope was dropped is not kept: it writes into the
    mapping that was dropped.
    """

    def __init__(self) -> None:
        self._scopes: dict[str, dict[tuple[object, ...], Any]] = {}

    def get[V](self, scope: str, load: Callable[..., V], *key: str) -> V:
        """Return what ``load`` returns of a key, loading it when it is not kept."""
        kept = self._scopes.setdefault(scope, {})
        if (load, *key) not in kept:
            kept[load, *key] = load(*key)
        found: V = kept[load, *key]
        return found

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

    def __init__(
        self, clients: Clients, owners: Callable[[str], str | None] = lambda _: None
    ) -> None:
        """``owners``: tells the account of a bucket; None: there is no such bucket."""
        self._clients = clients
        self._owners = owners
        # By service and account, of roles also by their name.
        self._kept = Cache()

    def role(self, arn: str) -> Attached:
        """Return what is attached to a role."""
        scope = f"iam/{_account(arn)}/{arn.rpartition('/')[2]}"
        return self._kept.get(scope, self._load_role, arn)

    def session_policy(self, arn: str, account: str) -> Policy:
        """Return a managed policy that limits a session of ``account``."""
        load = self._load_session_policy
        return self._kept.get(f"iam/{account}/", load, account, arn)

    def resource(self, arn: str, account: str) -> Policy | None:
        """Return the policy on a queue, topic, function or bucket, if there is one.

        ``account`` is whose S3 is asked: the ARN of a bucket does not say.
        """
        policy = services.named(_service(arn)).policy
        if policy is None:
            return None
        holder = policy.holder(arn)
        return self._kept.get(_scope(holder), self._load_resource, account, holder)

    def owner(self, arn: str) -> str | None:
        """Return whose bucket it is, or is in; None: of none that is there."""
        bucket = arn.split(":", 5)[5].partition("/")[0]
        return self._owners(bucket) if _service(arn) == "s3" else None

    def has_policies(self, arn: str) -> bool:
        """Tell whether each resource of this service may have a policy of its own."""
        policy = services.named(_service(arn)).policy
        return policy is not None and not policy.of_account

    def audiences(self, provider: str) -> tuple[str, ...]:
        """Return the audiences of an OIDC provider; one that is not there has none."""
        iam = self._clients("iam", _account(provider), _ANYWHERE)
        try:
            found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
        except iam.exceptions.NoSuchEntityException:
            return ()
        return tuple(found["ClientIDList"])

    def lookup(self, arn: str) -> object:
        """Return what the rules of a resource's service must know of it."""
        return self._kept.get(_scope(arn), self._load_lookup, arn)

    def tags(self, arn: str) -> Mapping[str, tuple[str, ...]] | None:
        """Return aws:ResourceTag/... of a resource; one that is not there has none.

        None: they cannot be read.
        """
        if services.named(_service(arn)).tags is None:
            return None
        return self._kept.get(_scope(arn), self._load_tags, arn)

    def after(self, call: Call) -> None:
        """Forget what a call may have changed."""
        service, account, asked = call.service, call.account, call.parameters
        if service == "resourcegroupstaggingapi":
            self._kept.drop_below("")  # of any service
        if not may_change(service, call.operation):
            return
        if service == "iam" and not (role := asked.get("RoleName")):
            self._kept.drop_below(f"iam/{account}")
        elif service == "iam":
            self._kept.drop(f"iam/{account}")
            # To read a role takes several calls, and a stack makes many of them.
            self._kept.drop(f"iam/{account}/{role}")
        else:
            for owner in {"", account, *_accounts_in(asked)}:
                self._kept.drop(f"{service}/{owner}")

    def _load_role(self, arn: str) -> Attached:
        """Read the policies of a role.

        Raises:
            MalformedPolicy: IAM on AWS would have refused one of them.
        """
        iam = self._clients("iam", _account(arn), _ANYWHERE)
        name = arn.rpartition("/")[2]
        try:
            role = iam.get_role(RoleName=name)["Role"]
            identity = (*_inline(iam, name), *_managed(iam, name))
        except iam.exceptions.NoSuchEntityException:
            return Attached()
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        trust = role["AssumeRolePolicyDocument"]
        return Attached(
            identity,
            boundary and _managed_policy(iam, boundary, PolicyKind.BOUNDARY),
            compile_policy(trust, PolicyKind.TRUST, f"trust of {name}"),
            keys_of_tags("aws:PrincipalTag", role.get("Tags")),
        )

    def _load_session_policy(self, account: str, arn: str) -> Policy:
        iam = self._clients("iam", account, _ANYWHERE)
        return _managed_policy(iam, arn, PolicyKind.SESSION)

    def _load_resource(self, account: str, arn: str) -> Policy | None:
        _, _, service, region, owner, _ = arn.split(":", 5)
        policy = services.named(service).policy
        assert policy  # else it is not asked for
        try:
            text = policy.read(self._clients(service, owner or account, region), arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in policy.absent:
                return None
            raise
        if not text:
            return None
        return compile_policy(json.loads(text), PolicyKind.RESOURCE, f"policy of {arn}")

    def _load_lookup(self, arn: str) -> object:
        _, _, service, region, account, _ = arn.split(":", 5)
        look_up = services.named(service).lookup
        return look_up and look_up(self._clients(service, account, region), arn)

    def _load_tags(self, arn: str) -> Mapping[str, tuple[str, ...]]:
        _, _, service, region, account, _ = arn.split(":", 5)
        read = services.named(service).tags
        assert read  # else it is not asked for
        try:
            told = read(self._clients(service, account, region), arn)
        except ClientError as error:
            if _ABSENT.search(error.response["Error"]["Code"]):
                return {}
            raise
        own = keys_of_tags(f"{service}:ResourceTag", told)
        return context_of(own | keys_of_tags("aws:ResourceTag", told))


def _service(arn: str) -> str:
    return arn.split(":", 5)[2]


def _account(arn: str) -> str:
    return arn.split(":", 5)[4]


def _scope(arn: str) -> str:
    """Return service and account, as which answers are kept; a bucket's says none."""
    return f"{_service(arn)}/{_account(arn)}"


def _accounts_in(asked: Values) -> Iterator[str]:
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


def _managed_policy(
    iam: Any,  # noqa: ANN401 - boto3's clients
    arn: str,
    kind: PolicyKind,
) -> Policy:
    """Read the default version of a managed policy; one that is gone allows nothing."""
    name = arn.rsplit("/", 1)[-1]
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    except iam.exceptions.NoSuchEntityException:
        return Policy(name, kind, ())
    return compile_policy(found["PolicyVersion"]["Document"], kind, name)


def _inline(iam: Any, role: str) -> Iterator[Policy]:  # noqa: ANN401 - as above
    for name in _pages(iam, "list_role_policies", "PolicyNames", role):
        try:
            found = iam.get_role_policy(RoleName=role, PolicyName=name)
        except iam.exceptions.NoSuchEntityException:
            continue  # removed meanwhile
        yield compile_policy(found["PolicyDocument"], PolicyKind.IDENTITY, name)


def _managed(iam: Any, role: str) -> Iterator[Policy]:  # noqa: ANN401 - as above
    listed = _pages(iam, "list_attached_role_policies", "AttachedPolicies", role)
    for one in listed:
        yield _managed_policy(iam, one["PolicyArn"], PolicyKind.IDENTITY)


def _pages(iam: Any, operation: str, member: str, role: str) -> list[Any]:  # noqa: ANN401 - boto3's
    pages = iam.get_paginator(operation).paginate(RoleName=role)
    return [one for page in pages for one in page[member]]
