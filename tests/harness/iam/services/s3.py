"""S3: many operations need an action of another name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    anything,
    given,
    items,
    rules,
    values,
)


def _bucket_arn(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:{call.partition}:s3:::{name}"


def _bucket(call: Call) -> str:
    return _bucket_arn(call, call.text("Bucket"))


def _object(call: Call) -> str:
    return f"{_bucket(call)}/{call.text('Key')}"


def _versioned(call: Call, plain: str) -> str:
    """Name a certain version and the action is one of its own: GetObjectVersion."""
    version = call.parameters.get("VersionId")
    return plain.replace("Object", "ObjectVersion", 1) if version else plain


def _on_version(plain: str) -> Rule:
    return lambda call: (Authorization(_versioned(call, plain), _object(call)),)


def _list(call: Call) -> Iterable[Authorization]:
    context = given(
        call, s3__prefix="Prefix", s3__delimiter="Delimiter", s3__max_keys="MaxKeys"
    )
    versions = call.operation == "ListObjectVersions"
    action = "s3:ListBucketVersions" if versions else "s3:ListBucket"
    return (Authorization(action, _bucket(call), context),)


def _copy(call: Call) -> Iterable[Authorization]:
    source = call.parameters.get("CopySource")
    if isinstance(source, str):
        path, _, version = source.lstrip("/").partition("?versionId=")
    else:
        given_source = values(source)
        path = f"{given_source.get('Bucket', '')}/{given_source.get('Key', '')}"
        version = str(given_source.get("VersionId", ""))
    if not path.strip("/"):
        raise MissingResource(f"s3:{call.operation} without CopySource")
    read = "s3:GetObjectVersion" if version else "s3:GetObject"
    yield Authorization(read, _bucket_arn(call, path))
    yield Authorization("s3:PutObject", _object(call))


def _delete_many(call: Call) -> Iterable[Authorization]:
    listed = items(values(call.parameters.get("Delete")).get("Objects"))
    if not listed:
        raise MissingResource("s3:DeleteObjects without objects")
    for one in map(values, listed):
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        yield Authorization(action, f"{_bucket(call)}/{one.get('Key', '')}")


_PLAIN = rules(
    "s3",
    {
        _bucket: """
            CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite
            DeleteBucketCors=PutBucketCORS
            DeleteBucketEncryption=PutEncryptionConfiguration
            DeleteBucketLifecycle=PutLifecycleConfiguration
            DeleteBucketOwnershipControls=PutBucketOwnershipControls
            DeleteBucketTagging=PutBucketTagging
            DeletePublicAccessBlock=PutBucketPublicAccessBlock
            GetBucketAcl GetBucketCors=GetBucketCORS
            GetBucketEncryption=GetEncryptionConfiguration
            GetBucketLifecycleConfiguration=GetLifecycleConfiguration
            GetBucketLocation GetBucketLogging
            GetBucketNotificationConfiguration=GetBucketNotification
            GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus
            GetBucketTagging GetBucketVersioning GetBucketWebsite
            GetPublicAccessBlock=GetBucketPublicAccessBlock
            HeadBucket=ListBucket
            ListMultipartUploads=ListBucketMultipartUploads
            PutBucketAcl PutBucketCors=PutBucketCORS
            PutBucketEncryption=PutEncryptionConfiguration
            PutBucketLifecycleConfiguration=PutLifecycleConfiguration
            PutBucketLogging
            PutBucketNotificationConfiguration=PutBucketNotification
            PutBucketOwnershipControls PutBucketPolicy PutBucketTagging
            PutBucketVersioning PutBucketWebsite
            PutPublicAccessBlock=PutBucketPublicAccessBlock
        """,
        _object: """
            AbortMultipartUpload CompleteMultipartUpload=PutObject
            CreateMultipartUpload=PutObject ListParts=ListMultipartUploadParts
            PutObject RestoreObject SelectObjectContent=GetObject
            UploadPart=PutObject
        """,
        anything: "ListBuckets=ListAllMyBuckets",
    },
)
_VERSIONED = {
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjectTagging": "s3:DeleteObjectTagging",
    "GetObject": "s3:GetObject",
    "GetObjectAcl": "s3:GetObjectAcl",
    "GetObjectTagging": "s3:GetObjectTagging",
    "HeadObject": "s3:GetObject",
    "PutObjectAcl": "s3:PutObjectAcl",
    "PutObjectTagging": "s3:PutObjectTagging",
}
RULES = {
    **_PLAIN,
    **{operation: _on_version(action) for operation, action in _VERSIONED.items()},
    "CopyObject": _copy,
    "UploadPartCopy": _copy,
    "DeleteObjects": _delete_many,
    "ListObjectVersions": _list,
    "ListObjects": _list,
    "ListObjectsV2": _list,
}
