"""The gate's small parts: keys, changes, caches and the record."""

import pytest

from sam_harness.localstack.gate.caller import (
    Service,
    access_key,
    is_harness,
    is_over,
    keys_of_service,
    service_of,
)
from sam_harness.localstack.gate.knowledge import Cache, may_change
from sam_harness.localstack.gate.record import Record, RecordedDecision

SIGNED = (
    "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/sqs/aws4_request, Signature=1"
)


@pytest.mark.parametrize(
    ("authorization", "query", "key"),
    [
        (SIGNED.format("LSIA1"), {}, "LSIA1"),
        ("AWS LSIA1:c2lnbmVk", {}, "LSIA1"),
        ("", {"X-Amz-Credential": "LSIA1/20260101/us-east-1/s3/aws4_request"}, "LSIA1"),
        ("", {"AWSAccessKeyId": "LSIA1"}, "LSIA1"),
        # A presigned URL, which LocalStack has given a header of its own.
        (SIGNED.format("injectedaccesskey"), {"X-Amz-Credential": "LSIA1/2"}, "LSIA1"),
        ("", {}, "injectedaccesskey"),
        ("Bearer token", {}, "injectedaccesskey"),
    ],
)
def test_a_request_is_made_with_the_key_it_is_signed_with(
    authorization: str, query: dict[str, str], key: str
) -> None:
    """In the header, or in the URL where that is presigned."""
    assert access_key({"Authorization": authorization}, query) == key


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"X-Amz-Date": "20200101T000000Z", "X-Amz-Expires": "60"}, True),
        ({"X-Amz-Date": "20990101T000000Z", "X-Amz-Expires": "60"}, False),
        ({"AWSAccessKeyId": "LSIA1", "Expires": "1577836800"}, True),
        ({"AWSAccessKeyId": "LSIA1", "Expires": "4070908800"}, False),
        ({"X-Amz-Expires": "60"}, True),
        ({"X-Amz-Date": "20990101T000000Z", "X-Amz-Expires": "x"}, True),
        ({"X-Amz-Date": "20990101T000000Z", "X-Amz-Expires": "9" * 400}, True),
        ({"AWSAccessKeyId": "LSIA1", "Expires": "tomorrow"}, True),
        ({"AWSAccessKeyId": "LSIA1", "Expires": "nan"}, True),
        ({"AWSAccessKeyId": "LSIA1", "Timestamp": "2020-01-01T00:00:00Z"}, False),
        ({"Expires": "1577836800"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_a_presigned_url_is_served_until_it_expires(
    query: dict[str, str], *, expected: bool
) -> None:
    """By either way to sign; what is not signed so has no end. Unreadable: no time."""
    assert is_over(query) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("000000000000", True),
        ("test", True),
        ("__internal_call__", True),
        ("0000000000000", False),
        ("Test", False),
        ("LSIAQAAAAAAAGMKEM7X5", False),
        ("injectedaccesskey", False),
    ],
)
def test_the_harness_is_known_by_its_keys(key: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    """Only whole keys count."""
    assert is_harness(key) is expected


def test_a_service_is_named_as_policies_name_it() -> None:
    """LocalStack leaves the domain out; ``None`` is no service."""
    source = {"service_principal": "sns", "source_arn": "arn:aws:sns:::t"}

    assert service_of(source) == Service("sns.amazonaws.com", "arn:aws:sns:::t")
    assert service_of({"service_principal": "sns"}) == Service("sns.amazonaws.com")
    assert service_of({"source_arn": "arn:aws:sns:::t"}) is None
    assert service_of(None) is None


@pytest.mark.parametrize("end", ["", ":*"])
def test_a_log_group_calls_by_the_arn_that_ends_as_policies_have_it(end: str) -> None:
    """LocalStack leaves the end out."""
    group = "arn:aws:logs:us-east-1:111122223333:log-group:g"
    internal = {"service_principal": "logs", "source_arn": group + end}

    assert service_of(internal) == Service("logs.amazonaws.com", f"{group}:*")
    assert service_of({"service_principal": "logs"}) == Service("logs.amazonaws.com")


@pytest.mark.parametrize("source", ["arn:aws:s3:::bucket", "bucket"])
def test_a_source_without_an_account_is_of_the_callers(source: str) -> None:
    """As that of a bucket."""
    bucket = Service("s3.amazonaws.com", source)

    assert (
        keys_of_service(bucket, "111122223333")["aws:SourceAccount"] == "111122223333"
    )


@pytest.mark.parametrize("service", ["events", "s3"])
def test_a_topics_own_policy_does_not_let_a_service_publish(service: str) -> None:
    """It asks for the owner of the source, of which these do not tell."""
    rule = "arn:aws:events:us-east-1:111122223333:rule/r"

    assert "aws:SourceOwner" in keys_of_service(Service("ses.amazonaws.com", rule), "")
    told = keys_of_service(Service(f"{service}.amazonaws.com", rule), "")
    assert told == {"aws:SourceArn": rule, "aws:SourceAccount": "111122223333"}


def test_a_subscription_sends_to_its_dlq_for_the_topic() -> None:
    """As the policy in AWS's documentation has it."""
    topic = "arn:aws:sns:us-east-1:111122223333:topic"
    subscription = Service("sns.amazonaws.com", f"{topic}:1f2e3d")

    assert keys_of_service(subscription, "")["aws:SourceArn"] == topic
    assert (
        keys_of_service(Service("sns.amazonaws.com", topic), "")["aws:SourceArn"]
        == topic
    )
    function = "arn:aws:lambda:us-east-1:111122223333:function:f"
    told = keys_of_service(Service("lambda.amazonaws.com", function), "")
    assert told["aws:SourceArn"] == function


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("iam", "PutRolePolicy", True),
        ("iam", "GetRole", False),
        ("iam", "ListRoles", False),
        ("iam", "SimulatePrincipalPolicy", False),
        ("sqs", "SetQueueAttributes", True),
        ("sqs", "DeleteQueue", True),
        ("sqs", "DeleteMessageBatch", False),
        ("lambda", "AddPermission", True),
        ("lambda", "Invoke", False),
        ("dynamodb", "UpdateTable", True),
        ("dynamodb", "UpdateItem", False),
        ("dynamodb", "DescribeTable", False),
        ("s3", "PutBucketPolicy", True),
        ("s3", "PutObject", False),
        ("s3", "HeadObject", False),
        ("scheduler", "CreateSchedule", False),
        ("logs", "PutLogEvents", False),
    ],
)
def test_calls_are_told_apart_by_whether_they_may_change_policies(
    service: str,
    operation: str,
    expected: bool,  # noqa: FBT001 - a table's column
) -> None:
    """In doubt, they may."""
    assert may_change(service, operation) is expected


def test_what_was_being_read_when_it_changed_is_not_kept() -> None:
    """The reading began before the change: which state it saw is unknown."""
    read = []

    def load(key: str) -> int:
        read.append(key)
        if len(read) == 1:
            cache.drop("scope")
        return len(read)

    cache = Cache()

    assert [cache.get("scope", load, "k") for _ in range(3)] == [1, 2, 2]


def test_dropping_a_scope_leaves_the_others() -> None:
    """An account's policies do not change with another's."""
    read: list[str] = []
    cache = Cache()
    cache.get("one", read.append, "a")
    cache.get("other", read.append, "b")

    cache.drop("one")

    cache.get("one", read.append, "a")
    cache.get("other", read.append, "b")
    assert read == ["a", "b", "a"]


def test_dropping_what_begins_so_leaves_the_others() -> None:
    """A change of an account's policies may be one of any of its roles."""
    read: list[str] = []
    cache = Cache()
    scopes = ("one/a", "one/b", "other/a")
    for scope in scopes:
        cache.get(scope, read.append, scope)

    cache.drop_below("one/")

    for scope in scopes:
        cache.get(scope, read.append, scope)
    assert read == [*scopes, "one/a", "one/b"]


def a_decision(resource: str, account: str = "111122223333") -> RecordedDecision:
    """Return a decision."""
    role = f"arn:aws:iam::{account}:role/r"
    return RecordedDecision(account, role, "sqs:X", "sqs:X", resource, "allowed")


def resources(record: Record, **wanted: str) -> list[tuple[object, object]]:
    """Return resource and count of what is reported."""
    listed = record.report(**wanted)["decisions"]
    assert isinstance(listed, list)
    return [(one["resource"], one["count"]) for one in listed]


def test_equal_decisions_are_counted() -> None:
    """In the order of their first appearance; the last principal is named."""
    record = Record()
    for resource in "aba":
        record.add(a_decision(resource), f"session of {resource}")

    assert resources(record) == [("a", 2), ("b", 1)]


def test_a_record_that_is_full_says_what_it_lost() -> None:
    """The oldest kinds go first; memory is bounded."""
    record = Record(many=2)
    for resource in "aabc":
        record.add(a_decision(resource), "s")

    assert resources(record) == [("b", 1), ("c", 1)]
    assert record.report()["lost"] == 2


def test_a_record_is_read_and_cleared_by_account_and_role() -> None:
    """A role goes by its ARN or its name."""
    record = Record()
    record.add(a_decision("a"), "s")
    record.add(a_decision("b", "444455556666"), "s")

    assert resources(record, account="111122223333") == [("a", 1)]
    assert resources(record, role="r") == [("a", 1), ("b", 1)]
    assert resources(record, role="arn:aws:iam::444455556666:role/r") == [("b", 1)]
    assert resources(record, role="other") == []
    record.clear("111122223333")
    assert resources(record) == [("b", 1)]
    record.clear()
    assert resources(record) == []


def test_a_record_says_whose_decisions_it_lost() -> None:
    """So that one run's clearing does not hide what another has lost."""
    record = Record(many=1)
    for account in ("111122223333", "444455556666", "111122223333"):
        record.add(a_decision("a", account), "s")

    record.clear("111122223333")

    assert record.report("111122223333")["lost"] == 0
    assert record.report("444455556666")["lost"] == 1
    assert record.report()["lost"] == 1
