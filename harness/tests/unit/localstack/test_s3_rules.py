"""What S3 refuses of a bucket's notifications, policies and ACLs."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from sam_harness.localstack.corrections.s3_rules import (
    RefusalError,
    check_acl,
    check_lifecycle,
    check_many,
    check_new,
    check_notifications,
    check_policy,
    is_public,
)
from sam_harness.localstack.stacks.proof import PROOF

ACCOUNT = "123456789012"
KNOWN = {"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectRemoved:*"}


def target(event: str = "s3:ObjectCreated:*", **rules: str) -> dict[str, Any]:
    """Return one that is told of an event; ``rules``: Prefix and Suffix."""
    said = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {"Events": [event], "Filter": {"Key": {"FilterRules": said}}}


def checked(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Check the configuration of a queue and a function."""
    told = {"QueueConfigurations": [one], "LambdaFunctionConfigurations": [other]}
    check_notifications({"EventBridgeConfiguration": {}, **told}, KNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (target(), target()),
        (target(), target("s3:ObjectCreated:Put", Prefix="in/", Suffix=".csv")),
        (target(Prefix="in/"), target(Prefix="in/new/")),
        (target(Prefix="in/", Suffix=".csv"), target(prefix="in", suffix="csv")),
        (target(Prefix="in/"), target(Suffix=".csv")),
        ({"Events": ["s3:ObjectCreated:Put"]}, target("s3:ObjectCreated:Put")),
    ],
)
def test_one_object_is_not_told_to_two(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Of one event."""
    for pair in ((one, other), (other, one)):
        with pytest.raises(ValueError, match="Configuration is ambiguously defined"):
            checked(*pair)


def test_two_notifications_have_no_id_in_common() -> None:
    """Whatever they are of; those without one get one.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
    """
    one, other = target(Prefix="in/"), target("s3:ObjectRemoved:*")
    checked(one, other)
    checked({**one, "Id": "one"}, {**other, "Id": "other"})

    with pytest.raises(ValueError, match="IDs must be unique"):
        checked({**one, "Id": "one"}, {**other, "Id": "one"})


@pytest.mark.parametrize(
    "other",
    [
        target("s3:ObjectRemoved:*", Prefix="in/", Suffix=".csv"),
        target(Prefix="out/"),
        target(Prefix="in/", Suffix=".json"),
    ],
)
def test_what_is_told_apart_is_taken(other: dict[str, Any]) -> None:
    """By the event, the begin, or the end of a key."""
    checked(target(Prefix="in/", Suffix=".csv"), other)


def test_an_event_that_there_is_not_is_refused() -> None:
    """It would never be told."""
    with pytest.raises(ValueError, match="event is not supported for notifications"):
        checked(target("s3:ObjectMoved"), target())


def grants(principal: object = "*", **said: object) -> dict[str, Any]:
    """Return a policy that allows to read what is in a bucket."""
    return {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": principal,
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*",
                **said,
            }
        ]
    }


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    """Return a policy that allows it to all who fulfil a condition."""
    return grants(Condition={operator: {key: list(values)}})


@pytest.mark.parametrize(
    "policy",
    [
        grants("*"),
        grants({"AWS": ["*"]}),
        when("StringLike", "aws:SourceVpc", "vpc-*"),
        when("StringEquals", "aws:SourceVpc", "vpc-1", "${aws:username}*"),
        when("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        when("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
        when("StringEquals", "aws:Referer", "https://example.com"),
        when("Bool", "aws:SecureTransport", "true"),
        when("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "128.0.0.0/1"),
        when("IpAddress", "aws:SourceIp", "2001::/16"),
    ],
)
def test_a_policy_for_everybody_is_public(policy: dict[str, Any]) -> None:
    """Also one whose condition anybody may fulfil."""
    assert is_public(policy)


@pytest.mark.parametrize(
    "policy",
    [
        grants({"AWS": "arn:aws:iam::123456789012:root"}),
        grants({"Service": "cloudfront.amazonaws.com"}),
        grants({"Federated": "cognito-identity.amazonaws.com"}),
        grants("*", Effect="Deny"),
        {"Statement": grants({"AWS": "123456789012"})["Statement"][0]},
        when("StringEquals", "aws:SourceVpce", "vpce-1"),
        when("StringLike", "AWS:PrincipalOrgID", "o-abc"),
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abc/r-1/*"),
        when("ArnLike", "aws:SourceArn", "arn:aws:sns:eu-west-1:123456789012:t"),
        when(
            "ArnLike",
            "s3:DataAccessPointArn",
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/*",
        ),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "2001:db8::/32"),
        when("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        grants(
            Condition={
                "Bool": {"aws:SecureTransport": "true"},
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            }
        ),
    ],
)
def test_a_policy_for_somebody_is_not_public(policy: dict[str, Any]) -> None:
    """By its principal, or by one condition of where a call is from."""
    assert not is_public(policy)


def test_a_public_policy_is_refused_where_it_is_blocked() -> None:
    """Where nothing is blocked, or other things are, it is taken."""
    asked = {"Bucket": "b", "Policy": json.dumps(grants())}
    for said in (None, {"BlockPublicAcls": True, "BlockPublicPolicy": False}):
        check_policy(asked, bucket(public_access_block=said))

    with pytest.raises(ValueError, match="by the BlockPublicPolicy block public acc"):
        check_policy(asked, bucket(public_access_block={"BlockPublicPolicy": True}))


def bucket(**said: object) -> Any:  # noqa: ANN401 - as LocalStack's
    """Return what LocalStack keeps of a bucket."""
    plain = {"bucket_account_id": ACCOUNT, "public_access_block": None}
    return SimpleNamespace(**plain | said)


@pytest.mark.parametrize(
    "asked",
    [
        {"Key": "k", "ACL": "public-read"},
        {"Key": "k", "GrantRead": "id=1"},
        {"ACL": "private"},
        {"Key": "k", "AccessControlPolicy": {"Grants": []}},
    ],
)
def test_an_acl_is_refused_where_there_is_none(asked: dict[str, Any]) -> None:
    """It is taken where the bucket has others."""
    with pytest.raises(ValueError, match="The bucket does not allow ACLs"):
        check_acl(asked, bucket(object_ownership="BucketOwnerEnforced"))

    check_acl(asked, bucket(object_ownership="ObjectWriter"))
    check_acl(asked, bucket(object_ownership=None))


@pytest.mark.parametrize("acl", ["private", "bucket-owner-full-control", None])
def test_an_acl_that_lets_in_the_owner_only_is_taken(acl: str | None) -> None:
    """It says what holds."""
    asked = {"Key": "k", "ACL": acl, "GrantRead": None}

    check_acl(asked, bucket(object_ownership="BucketOwnerEnforced"))


@pytest.mark.parametrize(
    "asked",
    [
        {"Key": "k", "ACL": "public-read"},
        {"ACL": "authenticated-read"},
        {
            "Key": "k",
            "GrantRead": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
        },
    ],
)
def test_an_acl_for_everybody_is_refused_where_it_is_blocked(
    asked: dict[str, Any],
) -> None:
    """With S3's own error; one for somebody is taken, and listed as counting not."""
    blocked = {"BlockPublicAcls": True}
    owned = bucket(object_ownership="ObjectWriter", public_access_block=blocked)
    with pytest.raises(RefusalError, match="prevented by the BlockPublicAcls") as told:
        check_acl(asked, owned)
    assert (told.value.code, told.value.status) == ("AccessDenied", 403)

    check_acl({"Key": "k", "GrantRead": "id=1"}, owned)

    line = "AWS::S3::Bucket.AccessControl: kept, but no access control list counts"
    assert line in PROOF.lines(ACCOUNT)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"ACL": "public-read", "ObjectOwnership": None}, "BucketOwnerEnforced"),
        ({"GrantRead": "id=1"}, "BucketOwnerEnforced"),
        (
            {"ACL": "public-read", "ObjectOwnership": "ObjectWriter"},
            "cannot have publi",
        ),
    ],
)
def test_a_bucket_is_not_made_with_an_acl_that_it_cannot_have(
    asked: dict[str, Any], reason: str
) -> None:
    """Its own ACL, and one for somebody where it has ACLs, are taken."""
    with pytest.raises(ValueError, match=reason):
        check_new({"Bucket": "b", **asked})

    check_new({"Bucket": "b", "ACL": "private"})
    check_new({"Bucket": "b", "GrantRead": "id=1", "ObjectOwnership": "ObjectWriter"})


def test_that_a_public_policy_is_restricted_nowhere_is_listed() -> None:
    """Only where there is one, and the bucket asks for it."""
    restricts, account = {"RestrictPublicBuckets": True}, "210987654321"
    named = bucket(bucket_account_id=account, public_access_block=restricts)
    check_policy({"Bucket": "b", "Policy": json.dumps(grants("123456789012"))}, named)
    assert not PROOF.lines(account)

    check_policy({"Bucket": "b", "Policy": json.dumps(grants())}, named)

    [line] = PROOF.lines(account)
    said = "s3:PutBucketPolicy: taken, but what RestrictPublicBuckets closes to other"
    assert line.startswith(said)


def test_a_request_deletes_a_thousand_objects_at_most() -> None:
    """S3 refuses its XML otherwise."""
    keys = [{"Key": str(number)} for number in range(1001)]
    check_many({"Delete": {"Objects": keys[1:]}})
    check_many({"Delete": {"Objects": None}})  # LocalStack says what is wrong

    with pytest.raises(ValueError, match="more than 1000 objects"):
        check_many({"Delete": {"Objects": keys}})


def test_an_object_expires_after_a_day_at_the_earliest() -> None:
    """LocalStack takes less, and has an error for each object that is put then."""
    check_lifecycle(expiring(Days=1))
    check_lifecycle(expiring(ExpiredObjectDeleteMarker=True))

    with pytest.raises(ValueError, match=r"'Days' for Expiration .* positive integer"):
        check_lifecycle(expiring(Days=0))


def expiring(**expiration: object) -> dict[str, Any]:
    """Return a request to have a bucket's objects expire."""
    rule = {"ID": "all", "Status": "Enabled", "Expiration": expiration}
    return {"Bucket": "b", "LifecycleConfiguration": {"Rules": [rule]}}
