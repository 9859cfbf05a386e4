"""What services refuse because of their API's own description."""

from typing import Any

import pytest
from botocore.session import Session

from sam_harness.localstack.corrections.constraints import (
    check,
    check_body,
    check_tags,
)
from sam_harness.localstack.stacks.reading import making

MODELS = Session()
ARN = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/g"


def checked(service: str, operation: str, **request: Any) -> None:  # noqa: ANN401 - of any type
    """Check a request."""
    model = MODELS.get_service_model(service).operation_model(operation)
    check(model, request)


def rules(*listed: dict[str, Any]) -> dict[str, Any]:
    """Return a bucket's lifecycle."""
    return {"LifecycleConfiguration": {"Rules": list(listed)}}


def target(**said: object) -> dict[str, Any]:
    """Return the parameters of PutTargets with one target."""
    return {"Rule": "r", "Targets": [{"Id": "a", "Arn": "arn", **said}]}


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("events", "PutRule", {"Name": "a.b-c_1", "Description": None}),
        *(
            (
                "lambda",
                "UpdateEventSourceMapping",
                {"UUID": "u" * 36, "MaximumRecordAgeInSeconds": age},
            )
            for age in (-1, 60)
        ),
        ("events", "PutTargets", target(RetryPolicy={"MaximumRetryAttempts": 185})),
        (
            "events",
            "PutTargets",
            # Python would try its pattern for minutes.
            target(HttpParameters={"HeaderParameters": {"a": "a " * 40 + "ä"}}),
        ),
        ("logs", "CreateLogGroup", {"logGroupName": "/aws/x", "tags": {"ä": ""}}),
        # What an attribute of a pretended resource is called.
        (
            "lambda",
            "AddPermission",
            {
                "Action": "lambda:InvokeFunction",
                "FunctionName": "f",
                "Principal": "p",
                "SourceArn": "unknown",
                "StatementId": "s",
            },
        ),
        ("secretsmanager", "CreateSecret", {"Name": "s", "SecretBinary": b"x"}),
    ],
)
def test_what_is_within_its_limits_is_taken(
    service: str, operation: str, request_: dict[str, Any]
) -> None:
    """Also a pattern that only Java reads."""
    checked(service, operation, **request_)


def test_sqs_is_asked_for_attributes_by_older_names_than_it_describes() -> None:
    """What is required it needs all the same."""
    checked("sqs", "ReceiveMessage", QueueUrl="q", AttributeNames=["SentTimestamp"])
    with pytest.raises(ValueError, match="null at 'queueUrl'"):
        checked("sqs", "ReceiveMessage", AttributeNames=["SentTimestamp"])


def test_a_call_that_can_say_nothing_is_taken() -> None:
    """Its description has no parameters."""
    checked("iam", "GetAccountSummary")


def test_an_empty_list_is_taken_of_localstack_alone() -> None:
    """Its own calls have one for none."""
    model = MODELS.get_service_model("events").operation_model("PutEvents")
    check(model, {"Entries": []}, own=True)
    with pytest.raises(ValueError, match="length greater than or equal to 1"):
        check(model, {"Entries": []})


def test_values_of_items_are_not_looked_at() -> None:
    """They have no limits of their own, and there are many."""
    checked("dynamodb", "PutItem", TableName="t", Item={"a": {"none": 1}})


@pytest.mark.parametrize(
    ("service", "operation", "request_", "reason"),
    [
        ("events", "PutRule", {"Name": "a b"}, "'a b' at 'name' .* pattern: "),
        ("events", "PutRule", {"Name": "n" * 65}, "length less than or equal to 64"),
        ("events", "PutRule", {"Name": "n", "State": "ON"}, r"set: \[ENABLED, DIS"),
        (
            "events",
            "PutTargets",
            target(RetryPolicy={"MaximumRetryAttempts": 186}),
            r"at 'targets\.1\.member\.retryPolicy\.maximumRetryAttempts' failed",
        ),
        (
            "lambda",
            "UpdateFunctionConfiguration",
            {"Timeout": 901},
            "'901' at 'timeout' .* less than or equal to 900",
        ),
        (
            "cloudwatch",
            "PutMetricAlarm",
            {"EvaluationPeriods": 0},
            "value greater than or equal to 1",
        ),
        (
            "secretsmanager",
            "CreateSecret",
            {"SecretString": "s" * 65537},
            "length less than or equal to 65536",
        ),
        (
            "lambda",
            "CreateFunction",
            {"Environment": {"Variables": {"OK": "", "a-b": ""}}},
            r"'a-b' at 'environment\.variables' .* Map keys must .* pattern: \[a-zA-Z",
        ),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "u", "Entries": [{"Id": "a"}]},
            r"Value null at 'entries\.1\.member\.messageBody' .* must not be null",
        ),
        (
            "lambda",
            "UpdateEventSourceMapping",
            {"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 6}},
            r"at 'filterCriteria\.filters' .* less than or equal to 5",
        ),
        (
            "lambda",
            "UpdateEventSourceMapping",
            {"MaximumRecordAgeInSeconds": 59},
            "'59' at 'maximumRecordAgeInSeconds' .* Member must be -1, or 60 at least",
        ),
        ("scheduler", "TagResource", {"ResourceArn": ARN}, "null at 'tags'"),
        (
            "logs",
            "CreateLogGroup",
            {"tags": {"k" * 129: ""}},
            r"at 'tags' .*Map keys must .* less than or equal to 128",
        ),
        (
            "logs",
            "CreateLogGroup",
            {"tags": {"k": "v" * 257}},
            r"at 'tags\.k\.member' .* equal to 256",
        ),
    ],
)
def test_what_is_beyond_its_limits_is_refused(
    service: str, operation: str, request_: dict[str, Any], reason: str
) -> None:
    """With where it is, and what it had to be."""
    with pytest.raises(ValueError, match=f"1 validation error detected: .*{reason}"):
        checked(service, operation, **request_)


@pytest.mark.parametrize(
    "tags",
    [
        {"Tags": [{"Key": "a", "Value": ""}, {"Key": "aws:a", "Value": ""}]},
        {"tags": [{"key": "AWS:a", "value": ""}]},
        {"Tags": [{"TagKey": "aws:cloudformation:stack-id", "TagValue": ""}]},
        {"tags": {"aws:a": ""}},
    ],
)
def test_a_tag_of_awss_own_is_refused(tags: dict[str, Any]) -> None:
    """However a service lists its tags."""
    with pytest.raises(ValueError, match="aws: prefixed tag key names are not"):
        check_tags(tags)


def test_other_tags_are_taken() -> None:
    """And those that CloudFormation gives what it makes."""
    check_tags({"Tags": [{"Key": "laws:a", "Value": "aws:b"}]})
    check_tags({"tags": {"aws": "a"}, "Tags": None})
    with making("Queue"):
        check_tags({"tags": {"aws:cloudformation:stack-id": "i"}})


@pytest.mark.parametrize(
    "asked",
    [
        {"LifecycleConfiguration": {"Rules": None}},
        rules({"ID": "none"}),
        rules({"Status": "on"}),
    ],
)
def test_what_is_no_xml_of_s3s_is_refused(asked: dict[str, Any]) -> None:
    """LocalStack keeps it, or makes an error 500."""
    operation = MODELS.get_service_model("s3").operation_model(
        "PutBucketLifecycleConfiguration"
    )
    with pytest.raises(ValueError, match="did not validate against our published"):
        check_body(operation, asked)


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("PutBucketLifecycleConfiguration", rules({"Status": "Enabled"})),
        ("PutObject", {"Body": b"x", "StorageClass": "none"}),
        ("ListBuckets", {}),
        ("CreateBucket", {"CreateBucketConfiguration": {"LocationConstraint": "x"}}),
    ],
)
def test_what_s3_reads_otherwise_is_left_to_it(
    operation: str, asked: dict[str, Any]
) -> None:
    """XML that is right, headers, and the place of a bucket."""
    check_body(MODELS.get_service_model("s3").operation_model(operation), asked)
