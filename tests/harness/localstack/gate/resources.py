"""Resource policies, read through the API of the service that the resource is of."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from harness.iam.policy import Policy, PolicyKind, compile_policy

type Clients = Callable[[str, str, str], Any]

# The resource is not there, or has no policy.
_NONE = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NotFound",
    "NotFoundException",
    "ResourceNotFoundException",
}


def policy_of(clients: Clients, arn: str, account: str) -> Policy | None:
    """Return the policy on a queue, topic, function or bucket; None: there is none.

    ``clients`` makes one of (service, account, region). ``account`` is whose S3 is
    asked: the ARN of a bucket does not say.

    Raises:
        MalformedPolicy: AWS would have refused the policy.

    """
    if len(parts := arn.split(":", 5)) < 6 or parts[2] not in _READ:
        return None
    client = clients(parts[2], parts[4] or account, parts[3])
    try:
        text = _READ[parts[2]](client, arn, parts)
    except ClientError as error:
        if error.response["Error"]["Code"] in _NONE:
            return None
        raise
    if not text:
        return None
    return compile_policy(json.loads(text), PolicyKind.RESOURCE, f"policy of {arn}")


def has_policies(service: str) -> bool:
    """Tell whether resources of a service can have a policy that is read here."""
    return service in _READ


def _queue(sqs: Any, _arn: str, parts: list[str]) -> str | None:  # noqa: ANN401 - boto3's
    # LocalStack takes region, account and name from it; nothing is sent there.
    url = "https://sqs.{3}.amazonaws.com/{4}/{5}".format(*parts)
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return _text(told.get("Attributes", {}), "Policy")


def _topic(sns: Any, arn: str, _parts: list[str]) -> str | None:  # noqa: ANN401 - boto3's
    return _text(sns.get_topic_attributes(TopicArn=arn)["Attributes"], "Policy")


def _function(functions: Any, arn: str, parts: list[str]) -> str | None:  # noqa: ANN401 - boto3's
    if not parts[5].startswith("function:"):
        return None
    return _text(functions.get_policy(FunctionName=arn), "Policy")


def _bucket(s3: Any, _arn: str, parts: list[str]) -> str | None:  # noqa: ANN401 - boto3's
    bucket = parts[5].partition("/")[0]
    return _text(s3.get_bucket_policy(Bucket=bucket), "Policy") if bucket else None


def _text(answer: Mapping[str, Any], member: str) -> str | None:
    found = answer.get(member)
    return str(found) if found else None


_READ: Mapping[str, Callable[[Any, str, list[str]], str | None]] = {
    "lambda": _function,
    "s3": _bucket,
    "sns": _topic,
    "sqs": _queue,
}
