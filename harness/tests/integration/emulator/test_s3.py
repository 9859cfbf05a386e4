"""Buckets, as far as other clients than boto3 use them differently."""

from uuid import uuid4

import boto3
import requests


def test_an_object_that_comes_without_a_checksum_is_stored(
    session: boto3.Session,
) -> None:
    """LocalStack works out one of its own, with a library that boto3 never needs."""
    s3, bucket = session.client("s3"), f"without-checksum-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "key"})

    answer = requests.put(url, data=b"content", timeout=10)

    assert answer.status_code == 200, answer.text
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"content"
