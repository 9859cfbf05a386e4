"""Actions that calls need besides the one that they are named after."""

import pytest

from harness.tests.unit.iam.calls import a_call, needed

LIST = [{"Key": "team", "Value": "red"}]
OBJECT = {"Bucket": "b", "Key": "k"}
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
        ("s3", "PutObject", OBJECT, {"ACL": "public-read"}, "PutObjectAcl"),
        ("s3", "PutObject", OBJECT, {"Tagging": "a=b"}, "PutObjectTagging"),
        ("s3", "CreateMultipartUpload", OBJECT, {"GrantRead": "x"}, "PutObjectAcl"),
        ("s3", "CopyObject", {**OBJECT, "CopySource": "b/s"}, {"Tagging": "a=b"},
         "PutObjectTagging"),
        ("s3", "DeleteObject", OBJECT, FREE, "BypassGovernanceRetention"),
        ("s3", "DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}},
         FREE, "BypassGovernanceRetention"),
    ],
)  # fmt: skip
def test_what_a_call_does_besides_needs_its_own_action(
    service: str,
    operation: str,
    parameters: dict[str, object],
    more: dict[str, object],
    besides: str,
) -> None:
    """On the same resource, and only where it is asked for.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    plain = needed(a_call(service, operation, **parameters))

    both = needed(a_call(service, operation, **parameters, **more))

    assert both == [*plain, (f"{service}:{besides}", plain[-1][1])]
