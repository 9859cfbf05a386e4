"""S3: many operations need an action of another name.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlparse

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    Rule,
    add_action,
    add_keys,
    given,
    items,
    rules,
    values,
)
from sam_harness.iam.service import Errors, ResourcePolicy, ResourceType, Service


def _bucket_arn(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:{call.partition}:s3:::{name}"


def _bucket(call: Call) -> str:
    return _bucket_arn(call, call.text("Bucket"))


def _every_bucket(call: Call) -> str:
    """Name all buckets, as AWS's examples grant ListAllMyBuckets on arn:aws:s3:::*.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
    """
    return _bucket_arn(call, "*")


def _object(call: Call) -> str:
    return f"{_bucket(call)}/{call.text('Key')}"


def _on_version(plain: str) -> Rule:
    """Name a certain version and the action is one of its own: GetObjectVersion."""

    def authorised(call: Call) -> Iterable[Authorization]:
        named = call.parameters.get("VersionId")
        keys = given(call, {"s3:versionid": "VersionId"}) if named else {}
        action = plain.replace("Object", "ObjectVersion", 1) if named else plain
        yield Authorization(action, _object(call), keys)

    return authorised


_ON_VERSIONS = """
    DeleteObject DeleteObjectTagging GetObject GetObjectAcl GetObjectTagging
    PutObjectAcl PutObjectTagging
"""
_OF_A_LIST = {
    "s3:prefix": "Prefix",
    "s3:delimiter": "Delimiter",
    "s3:max-keys": "MaxKeys",
}


_OF_AN_ACL = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write": "GrantWrite",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
}
_WRITTEN = {
    "s3:if-match": "IfMatch",
    "s3:if-none-match": "IfNoneMatch",
    "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus",
    "s3:object-lock-mode": "ObjectLockMode",
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-metadata-directive": "MetadataDirective",
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
# No access point, and no access grant, is there to come through.
_OF_AN_ACCESS_POINT = (
    "s3:AccessGrantsInstanceArn",
    "s3:AccessPointNetworkOrigin",
    "s3:AccessPointTag/",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
)


def _put(call: Call) -> Iterable[Authorization]:
    """Need to write, and what the request does besides: permissions, tags.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
    """
    tagged, acl = call.parameters.get("Tagging"), given(call, _OF_AN_ACL)
    untold = () if tagged else ("s3:RequestObjectTag/", "s3:RequestObjectTagKeys")
    keys = given(call, _WRITTEN) | acl
    yield Authorization("s3:PutObject", _object(call), keys, absent=untold)
    if any(acl.values()):
        yield Authorization("s3:PutObjectAcl", _object(call), acl)
    if tagged:
        yield Authorization("s3:PutObjectTagging", _object(call))


def _create(call: Call) -> Iterable[Authorization]:
    """Need to create the bucket, and what the request sets of it besides.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    bucket, acl = _bucket(call), given(call, _OF_AN_ACL)
    yield Authorization("s3:CreateBucket", bucket, acl)
    if set(acl.values()) - {(), ("private",)}:
        yield Authorization("s3:PutBucketAcl", bucket, acl)
    if call.parameters.get("ObjectLockEnabledForBucket"):
        yield Authorization("s3:PutBucketObjectLockConfiguration", bucket)
        yield Authorization("s3:PutBucketVersioning", bucket)
    if call.parameters.get("ObjectOwnership"):
        yield Authorization("s3:PutBucketOwnershipControls", bucket)


def _list(call: Call) -> Iterable[Authorization]:
    context = given(call, _OF_A_LIST)
    versions = call.operation == "ListObjectVersions"
    action = "s3:ListBucketVersions" if versions else "s3:ListBucket"
    return (Authorization(action, _bucket(call), context),)


def _copy(call: Call) -> Iterable[Authorization]:
    """Need the source, whose name is URL-encoded, and what is written.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    source = call.parameters.get("CopySource")
    if isinstance(source, str):
        parts = urlparse(source)  # as LocalStack reads it
        path = unquote_plus(parts.path).lstrip("/")
        version = "".join(parse_qs(parts.query).get("versionId", ()))
    else:
        given_source = values(source)
        path = f"{given_source.get('Bucket', '')}/{given_source.get('Key', '')}"
        version = str(given_source.get("VersionId", ""))
    if not path.strip("/"):
        raise MissingResource(f"s3:{call.operation} without CopySource")
    read = "s3:GetObjectVersion" if version else "s3:GetObject"
    yield Authorization(read, _bucket_arn(call, path))
    yield from _put(call)


def _delete_many(call: Call) -> Iterable[Authorization]:
    listed = items(values(call.parameters.get("Delete")).get("Objects"))
    if not listed:
        raise MissingResource("s3:DeleteObjects without objects")
    for one in map(values, listed):
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        yield Authorization(action, f"{_bucket(call)}/{one.get('Key', '')}")


RULES = rules(
    "s3",
    {
        _bucket: """
            DeleteBucket DeleteBucketPolicy DeleteBucketWebsite
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
            AbortMultipartUpload ListParts=ListMultipartUploadParts
            RestoreObject SelectObjectContent=GetObject
        """,
        _every_bucket: "ListBuckets=ListAllMyBuckets",
    },
)
for _operation in _ON_VERSIONS.split():
    RULES[_operation] = _on_version(f"s3:{_operation}")
RULES |= {
    "CompleteMultipartUpload": _put,
    "CopyObject": _copy,
    "CreateBucket": _create,
    "CreateMultipartUpload": _put,
    "UploadPartCopy": _copy,
    "DeleteObjects": _delete_many,
    "HeadBucket": _list,
    "HeadObject": _on_version("s3:GetObject"),
    "ListObjectVersions": _list,
    "ListObjects": _list,
    "ListObjectsV2": _list,
    "PostObject": _put,
    "PutObject": _put,
    "UploadPart": _put,
}
_BYPASS = "BypassGovernanceRetention"
add_action(RULES, "DeleteObject DeleteObjects", f"s3:{_BYPASS}", _BYPASS)
add_keys(RULES, "PutBucketAcl PutObjectAcl", _OF_AN_ACL)
add_keys(RULES, " ".join(RULES), lambda _: dict.fromkeys(_OF_AN_ACCESS_POINT, ()))


def _read_policy(s3: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    bucket = arn.split(":", 5)[5]
    if bucket in {"", "*"}:  # no bucket's: a list of buckets needs no policy of theirs
        return None
    policy: str | None = s3.get_bucket_policy(Bucket=bucket).get("Policy")
    return policy


SERVICE = Service(
    name="s3",
    rules=RULES,
    errors=Errors(
        "AccessDenied",
        unknown_key="InvalidAccessKeyId",
        unsigned="AccessDenied",
        resource=lambda arn: f'"{arn}"',
    ),
    types={
        "AWS::S3::Bucket": ResourceType(
            "s3:::{name}", lambda named, made: str(named("BucketName") or made.lower())
        ),
        "AWS::S3::BucketPolicy": ResourceType(
            policies=lambda it: [(it["Bucket"], it["PolicyDocument"])]
        ),
    },
    policy=ResourcePolicy(
        _read_policy,
        absent=("NoSuchBucket", "NoSuchBucketPolicy"),
        # One policy counts for all objects of a bucket.
        holder=lambda arn: arn.partition("/")[0],
    ),
    harmless="AbortMultipart CompleteMultipart CopyObject CreateMultipart"
    " DeleteObject PostObject PutObject UploadPart",
)
