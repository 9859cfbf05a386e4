"""What the harness can know of an AWS service; each has a file in `services`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sam_harness.iam.call import Arn, Rule

type Document = Mapping[str, Any]
type Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Errors:
    """The codes for callers without permission, with an unknown key, and unsigned.

    ``given``: the code that LocalStack must be given where its serializer makes
    ``denied`` of it. ``action`` and ``resource`` write them as the message has them.
    """

    denied: str = "AccessDeniedException"
    http_status: int = 403
    unknown_key: str = "InvalidClientTokenId"
    unsigned: str = "MissingAuthenticationToken"
    given: str = ""
    action: Callable[[str], str] = str
    resource: Callable[[str], str] = str


# Services of the JSON protocol answer every client error with 400.
JSON = Errors(http_status=400, unknown_key="UnrecognizedClientException")
QUERY = Errors("AccessDenied")


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A type of CloudFormation: what its resources are called, and what they attach.

    ``arn`` follows ``arn:<partition>:``; in it, in ``ref`` and in the ``attributes``
    stand {name}, {region}, {account}, {url_suffix}, and where needed {path} (of IAM,
    with its slashes) or {arn}. ``name``: the property that names the resource, or what
    makes the name of a look-up of properties and the name that CloudFormation makes.
    Without ``ref``, Ref gives the name.

    ``separator`` stands between the ARN and that of something in the resource.
    ``keys``: the key attributes of a table (at "") and of each index, by what its ARN
    adds to the table's. ``policies``: those that it attaches to resources, each with
    the name or ARN of the resource.
    """

    arn: str = ""
    name: str | Callable[[Callable[[str], Any], str], str] = ""
    ref: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    separator: str = "/"
    keys: Callable[[Properties], Mapping[str, tuple[str, ...]]] = lambda _: {}
    policies: Callable[[Properties], Iterable[tuple[str, Document]]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """How the policy on a resource is read, with boto3's client and the ARN.

    ``absent``: the codes of errors that mean there is none. ``holder``: the ARN of
    what has the policy that counts for a resource, as a bucket for its objects.
    ``of_account``: it is the same for all of the account's resources.
    """

    read: Callable[[Any, str], str | None]
    absent: tuple[str, ...]
    holder: Callable[[str], str] = str
    of_account: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """The resource of a sample call; ``keys``: key attributes of a table or index."""

    arn: str
    keys: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The end of the ARN: a role's name."""
        return self.arn.rpartition("/")[2].rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class SampleCall:
    """How an action is called for real: small, and harmless when it is allowed.

    Only an authorised call gets the errors listed as ``reached``: the service itself
    answered. What would destroy its resource is marked, so that it is allowed on none
    that is needed. ``operation`` of boto3's client, where it has not the action's name.
    """

    parameters: Callable[[Subject], dict[str, Any]]
    reached: tuple[str, ...] = ()
    destroys: bool = False
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One AWS service, by the name that boto3 and LocalStack have for it.

    ``prefix``: in IAM's actions, where it is another. ``more_prefixes``: further ones
    that its resources are called by. ``rules``: what operations need; ``other_rule``:
    what those need that have none, if not the action of their name, on what the first
    of the parameters in ``names`` names that can be its resource. ``passes``: the
    parameter with the role that the service is to work in. ``samples``: a call for each
    action, by the action's name. ``lookup``: what the rules must know of a resource,
    asked with boto3's client and its ARN; ``tags``: likewise its tags, a list or map,
    where AWS lets policies ask for them. ``harmless``: how the names begin, with spaces
    between them, of operations that change neither policies nor what is looked up,
    besides those that read; None: no operation changes any.
    """

    name: str
    prefix: str = ""
    more_prefixes: tuple[str, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    other_rule: Rule | None = None
    names: Mapping[str, Arn] = field(default_factory=dict)
    passes: str = ""
    errors: Errors = field(default_factory=Errors)
    types: Mapping[str, ResourceType] = field(default_factory=dict)
    policy: ResourcePolicy | None = None
    lookup: Callable[[Any, str], Any] | None = None
    tags: Callable[[Any, str], object] | None = None
    harmless: str | None = None
    samples: Mapping[str, SampleCall] = field(default_factory=dict)
