"""CloudFormation's buckets, which are deleted if they are empty.

LocalStack empties them first.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
"""

from collections.abc import Mapping
from contextlib import suppress

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceProvider,
    ResourceRequest,
)

from sam_harness.localstack.corrections.resources import Act


def _delete(_: ResourceProvider, request: ResourceRequest) -> ProgressEvent:
    s3, model = request.aws_client_factory.s3, request.desired_state
    with suppress(s3.exceptions.NoSuchBucket):
        s3.delete_bucket(Bucket=model["BucketName"])
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


ACTS: Mapping[str, Mapping[str, Act]] = {"AWS::S3::Bucket": {"delete": _delete}}
