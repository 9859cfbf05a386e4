"""CloudFormation's buckets, which are deleted if they are empty.

LocalStack empties them first.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
"""

from contextlib import suppress

from localstack.services.cloudformation.resource_provider import (
    OperationStatus,
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.s3.resource_providers.aws_s3_bucket import S3BucketProvider


class Bucket(S3BucketProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def delete(self, request: ResourceRequest) -> ProgressEvent:
        """Delete a bucket, unless there is anything in it."""
        s3, model = request.aws_client_factory.s3, request.desired_state
        with suppress(s3.exceptions.NoSuchBucket):
            s3.delete_bucket(Bucket=model["BucketName"])
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=model)


PROVIDERS = {Bucket.TYPE: Bucket()}
