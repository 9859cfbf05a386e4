"""What S3 refuses of a bucket. Imports no LocalStack.

Each refusal is a ValueError with AWS's words. What they look at is in LocalStack's new
buckets as it is in AWS's since April 2023: the public is blocked, ACLs are disabled.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import ip_network
from itertools import combinations
from typing import Any, Protocol
from urllib.parse import parse_qs

from sam_harness.iam.request import several
from sam_harness.localstack.stacks.proof import PROOF

type Request = Mapping[str, Any]


class RefusalError(ValueError):
    """A refusal with an error of its own, where its check has another."""

    def __init__(self, code: str, status: int, said: str) -> None:
        super().__init__(said)
        self.code, self.status = code, status


class Bucket(Protocol):
    """A bucket of LocalStack's."""

    bucket_account_id: str
    object_ownership: str | None
    public_access_block: Mapping[str, bool] | None


# Operators that ask for one of some values, and hold of no request without the key.
_NAMES_VALUES = re.compile(
    r"(ForAnyValue:)?(String(Equals(IgnoreCase)?|Like)|Arn(Equals|Like)|IpAddress)",
    re.IGNORECASE,
)
# Keys of who calls, and from where, by which a policy is not public. (S3's page lists
# them; where it only says principal, all that name one are here.)
_TELLS_WHO = re.compile(
    r"aws:(source(arn|vpc|vpce|owner|account|ip|orgid|orgpaths)|userid|vpce\w+"
    r"|principal(arn|account|orgid|orgpaths|servicename|servicenameslist))"
    r"|s3:(dataaccesspoint(arn|account)|x-amz-server-side-encryption-aws-kms-key-id)",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"[*?]|\$\{")
# What follows the account of an access point's ARN, or an organization, may be open.
_FIXED_ENOUGH = re.compile(
    r"arn:[^*?$]+:s3:[^:]*:\d{12}:accesspoint/.*|o-[a-z0-9]+/.*", re.IGNORECASE
)
# The widest network that is not public, by IP's version.
_WIDEST = {4: 8, 6: 32}
_MOST_KEYS = 1000
_MOST_OCTETS, _MOST_TAGS = 2048, 10  # of an object's metadata, and of its tags
_ENFORCED = "BucketOwnerEnforced"
_NO_ACL = {None, "private", "bucket-owner-full-control"}
_FOR_ALL = re.compile("public-read|authenticated-read|/global/(All|Authenticated)Users")


def check_new(request: Request) -> None:
    """Check the ACL that a bucket is to be made with.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
    """
    asked = _grants(request) or request.get("ACL") not in _NO_ACL
    if asked and (request.get("ObjectOwnership") or _ENFORCED) == _ENFORCED:
        raise ValueError(
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
            "setting"
        )
    if asked and _is_for_all(request):
        raise RefusalError(
            "InvalidBucketAclWithBlockPublicAccessError",
            400,
            "Bucket cannot have public ACLs set with BlockPublicAccess enabled (as each"
            " new one has it: set the ACL later)",
        )


def check_policy(request: Request, bucket: Bucket) -> None:
    """Check whether a bucket may have a policy."""
    blocked = bucket.public_access_block or {}
    if not is_public(json.loads(request["Policy"])):
        return
    if blocked.get("BlockPublicPolicy"):
        raise ValueError(
            f'Not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::'
            f'{request["Bucket"]}" because public policies are blocked by the '
            "BlockPublicPolicy block public access setting. (Every new bucket has it: "
            "name principals, or say BlockPublicPolicy: false in its "
            "PublicAccessBlockConfiguration.)"
        )
    if blocked.get("RestrictPublicBuckets"):
        PROOF.note(bucket.bucket_account_id, "s3:PutBucketPolicy")


def is_public(policy: Request) -> bool:
    """Tell whether a policy lets in whoever asks.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
    """
    return any(
        one["Effect"] == "Allow"
        and ("NotPrincipal" in one or "*" in _principals(one.get("Principal")))
        and not any(_tell_who(one.get("Condition") or {}))
        for one in several(policy["Statement"])
    )


def _principals(said: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return several((said.get("AWS") if isinstance(said, Mapping) else said) or [])


def _tell_who(conditions: Request) -> Iterator[bool]:
    for operator, tests in conditions.items():
        for key, values in tests.items():
            if _NAMES_VALUES.fullmatch(operator) and _TELLS_WHO.fullmatch(key):
                yield all(_is_fixed(str(one)) for one in several(values or []))


def _is_fixed(value: str) -> bool:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return not _VARIABLE.search(value) or bool(_FIXED_ENOUGH.fullmatch(value))
    return network.prefixlen >= _WIDEST[network.version] or network.is_private


def check_acl(request: Request, bucket: Bucket) -> None:
    """Check whether a bucket, or an object in it, may have an ACL of its own."""
    grants = _grants(request)
    asked = grants or "Key" not in request or request.get("ACL") not in _NO_ACL
    if asked and bucket.object_ownership == _ENFORCED:
        raise ValueError(
            "The bucket does not allow ACLs (as no new bucket does: say what is allowed"
            " in its policy, or ObjectOwnership: BucketOwnerPreferred in its"
            " OwnershipControls)"
        )
    blocked = (bucket.public_access_block or {}).get("BlockPublicAcls")
    if blocked and _is_for_all(request):
        raise RefusalError(
            "AccessDenied",
            403,
            "Access Denied because public access control lists (ACLs) are prevented by "
            "the BlockPublicAcls setting in S3 Block Public Access.",
        )
    if grants or request.get("ACL") not in _NO_ACL:
        PROOF.note(bucket.bucket_account_id, "AWS::S3::Bucket.AccessControl")


def check_object(request: Request, bucket: Bucket) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html."""
    told = "".join(map("".join, (request.get("Metadata") or {}).items()))
    if len(told.encode()) > _MOST_OCTETS:
        said = "Your metadata headers exceed the maximum allowed metadata size"
        raise RefusalError("MetadataTooLarge", 400, said)
    check_tags(request)
    check_acl(request, bucket)


def check_tags(request: Request) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html."""
    told: Any = request.get("Tagging") or ""
    is_header = isinstance(told, str)
    tags = parse_qs(told, keep_blank_values=True) if is_header else told["TagSet"] or ()
    if len(tags) > _MOST_TAGS:
        raise RefusalError("BadRequest", 400, "Object tags cannot be greater than 10")
    if is_header and any(one.startswith("aws:") for one in tags):  # LocalStack fails
        said = "Your TagKey cannot be prefixed with aws:"
        raise RefusalError("InvalidTag", 400, said)


def check_page(request: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""
    if (asked := request.get("MaxKeys") or 0) < 0:
        raise ValueError("Argument maxKeys must be an integer between 0 and 2147483647")
    if asked > _MOST_KEYS:  # S3 gives so many, LocalStack all
        request["MaxKeys"] = _MOST_KEYS


def check_many(request: Request) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html."""
    if len(request["Delete"]["Objects"] or ()) > _MOST_KEYS:
        raise ValueError(f"The XML has more than {_MOST_KEYS} objects to delete")


def check_lifecycle(request: Request) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html."""
    for rule in (request.get("LifecycleConfiguration") or {}).get("Rules") or []:
        if (rule.get("Expiration") or {}).get("Days", 1) < 1:
            raise ValueError("'Days' for Expiration action must be a positive integer")


def _is_for_all(request: Request) -> bool:
    return bool(_FOR_ALL.search(f"{request.get('ACL')} {_grants(request)}"))


def _grants(request: Request) -> list[Any]:
    names = (name for name in request if name.startswith("Grant"))
    told = (request.get(name) for name in ("AccessControlPolicy", *names))
    return [one for one in told if one]


def check_notifications(told: Request, known: Collection[str]) -> None:
    """Check what a bucket tells to whom; ``known`` are the events that there are.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    # EventBridge's has no list; what has no events is no XML of S3's.
    lists = (of for of in told.values() if isinstance(of, list))
    targets = [one for of in lists for one in of if one.get("Events")]
    named = [one["Id"] for one in targets if one.get("Id")]
    if len(set(named)) < len(named):
        said = "Same ID used for multiple configurations. IDs must be unique"
        raise ValueError(said)
    if not all(event in known for one in targets for event in one["Events"]):
        raise ValueError("A specified event is not supported for notifications.")
    for one, other in combinations(targets, 2):
        if _same_event(one["Events"], other["Events"]) and _same_key(one, other):
            raise ValueError(
                "Configuration is ambiguously defined. Cannot have overlapping "
                "suffixes in two rules if the prefixes are overlapping for the same "
                "event type."
            )


def _same_event(some: list[str], others: list[str]) -> bool:
    return any(
        _begins(one.rstrip("*"), other.rstrip("*"))
        if "*" in one + other
        else one == other
        for one in some
        for other in others
    )


def _same_key(one: Request, other: Request) -> bool:
    (prefix, suffix), (another, ending) = _filter(one), _filter(other)
    return _begins(prefix, another) and _begins(suffix[::-1], ending[::-1])


def _filter(target: Request) -> tuple[str, str]:
    rules = target.get("Filter", {}).get("Key", {}).get("FilterRules") or ()
    said = {str(one.get("Name")).lower(): one.get("Value", "") for one in rules}
    return said.get("prefix", ""), said.get("suffix", "")


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
