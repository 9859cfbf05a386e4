"""Actions that calls need besides the one that they are named after."""

import pytest

from harness.tests.unit.iam.calls import ROLE, a_call, needed

LIST = [{"Key": "team", "Value": "red"}]
ASSUMED = {"RoleArn": ROLE, "RoleSessionName": "s"}
BUCKET = {"Bucket": "b"}
OBJECT = {**BUCKET, "Key": "k"}
FREE = {"BypassGovernanceRetention": True}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "more", "besides"),
    [
        ("sqs", "CreateQueue", {"QueueName": "q"}, {"tags": {"a": "b"}}, "TagQueue"),
        ("sns", "CreateTopic", {"Name": "t"}, {"Tags": LIST}, "TagResource"),
        ("secretsmanager", "CreateSecret", {"Name": "s"}, {"Tags": LIST},
         "TagResource"),
        ("cloudwatch", "PutMetricAlarm", {"AlarmName": "a"}, {"Tags": LIST},
         "TagResource"),
        ("sts", "AssumeRole", ASSUMED, {"Tags": LIST}, "TagSession"),
        ("sts", "AssumeRole", ASSUMED, {"TransitiveTagKeys": ["a"]}, "TagSession"),
        ("sts", "AssumeRole", ASSUMED, {"SourceIdentity": "a"}, "SetSourceIdentity"),
        ("events", "PutRule", {"Name": "r"}, {"Tags": LIST}, "TagResource"),
        ("lambda", "CreateFunction", {"FunctionName": "f"}, {"Tags": {"a": "b"}},
         "TagResource"),
        ("s3", "PutObject", OBJECT, {"ACL": "public-read"}, "PutObjectAcl"),
        ("s3", "PutObject", OBJECT, {"Tagging": "a=b"}, "PutObjectTagging"),
        ("s3", "CreateMultipartUpload", OBJECT, {"GrantRead": "x"}, "PutObjectAcl"),
        ("s3", "CopyObject", {**OBJECT, "CopySource": "b/s"}, {"Tagging": "a=b"},
         "PutObjectTagging"),
        ("s3", "CreateBucket", BUCKET, {"ACL": "public-read"}, "PutBucketAcl"),
        ("s3", "CreateBucket", BUCKET, {"GrantRead": "x"}, "PutBucketAcl"),
        ("s3", "CreateBucket", BUCKET, {"ACL": "private"}, ""),
        ("s3", "CreateBucket", BUCKET, {"ObjectOwnership": "ObjectWriter"},
         "PutBucketOwnershipControls"),
        ("s3", "CreateBucket", BUCKET, {"ObjectLockEnabledForBucket": True},
         "PutBucketObjectLockConfiguration PutBucketVersioning"),
        ("s3", "DeleteObject", OBJECT, FREE, "BypassGovernanceRetention"),
        ("s3", "DeleteObjects", {**BUCKET, "Delete": {"Objects": [{"Key": "k"}]}},
         FREE, "BypassGovernanceRetention"),
    ],
)  # fmt: skip
def test_what_a_call_does_besides_needs_its_own_actions(
    service: str,
    operation: str,
    parameters: dict[str, object],
    more: dict[str, object],
    besides: str,
) -> None:
    """On the same resource, and only where it is asked for.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html
    """
    plain = needed(a_call(service, operation, **parameters))

    both = needed(a_call(service, operation, **parameters, **more))

    more_needed = [(f"{service}:{one}", plain[-1][1]) for one in besides.split()]
    assert both == [*plain, *more_needed]
