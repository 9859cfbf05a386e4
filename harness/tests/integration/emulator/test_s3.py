"""Buckets, as far as other clients than boto3 use them differently."""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.stacks import Stack
from sam_harness.waiting import wait_until


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


def test_a_presigned_url_that_has_expired_is_refused(session: boto3.Session) -> None:
    """LocalStack serves it for good; see gate.caller."""
    s3, bucket = session.client("s3"), f"presigned-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    wanted = {"Bucket": bucket, "Key": "key"}

    served, over = (
        requests.get(
            s3.generate_presigned_url("get_object", wanted, ExpiresIn=seconds),
            timeout=10,
        )
        for seconds in (60, -1)
    )

    assert served.content == b"content"
    assert (over.status_code, "Request has expired" in over.text) == (403, True)


def test_more_than_a_thousand_objects_are_not_deleted_at_once(
    session: boto3.Session,
) -> None:
    """LocalStack deletes them all."""
    s3, bucket = session.client("s3"), f"many-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    keys: Any = [{"Key": str(number)} for number in range(1001)]

    with pytest.raises(ClientError, match=r"\(MalformedXML\)"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})


def test_what_a_bucket_would_not_do_is_refused(session: boto3.Session) -> None:
    """Copies, lists, and an end of objects before they are a day old."""
    s3, bucket = session.client("s3"), f"copied-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    place: Any = {"Bucket": f"arn:aws:s3:::{bucket}"}
    copies: Any = {"Status": "Enabled", "Prefix": "", "Destination": place}
    every: Any = {"ID": "every", "Status": "Enabled", "Filter": {"Prefix": ""}}
    ends: Any = {**every, "Expiration": {"Days": 0}}
    lists: Any = {
        "Id": "all",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {**place, "Format": "CSV"}},
    }

    with pytest.raises(ClientError, match="does not emulate replication"):
        s3.put_bucket_replication(
            Bucket=bucket,
            ReplicationConfiguration={
                "Role": "arn:aws:iam::1:role/r",
                "Rules": [copies],
            },
        )
    with pytest.raises(ClientError, match="does not emulate inventories"):
        s3.put_bucket_inventory_configuration(
            Bucket=bucket, Id="all", InventoryConfiguration=lists
        )
    marker: Any = {**every, "Expiration": {"ExpiredObjectDeleteMarker": True}}
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [marker]}
    )
    with pytest.raises(ClientError, match=r"\(InvalidArgument\).*positive integer"):
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": [ends]}
        )


def test_notifications_that_aws_refuses_are_refused(session: boto3.Session) -> None:
    """Two targets of one object, before either is looked for; see refusals."""
    s3, bucket = session.client("s3"), f"notifies-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    queue, event = "arn:aws:sqs:us-east-1:000000000000:q", "s3:ObjectCreated:"
    told: Any = [
        {"QueueArn": queue, "Events": [f"{event}{one}"]} for one in ("*", "Put")
    ]

    with pytest.raises(ClientError, match=r"InvalidArgument.*ambiguously defined"):
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": told}
        )


def test_what_is_told_of_an_object_names_it_as_aws_does(
    session: boto3.Session, account_id: str
) -> None:
    """URL-encoded with + in notifications and their filters, plain in EventBridge."""
    s3, sqs, name = session.client("s3"), session.client("sqs"), uuid4().hex[:8]
    events = session.client("events")
    s3.create_bucket(Bucket=name)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    own = f"arn:aws:sqs:us-east-1:{account_id}:{name}"
    may = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": own}
    policy = json.dumps({"Version": "2012-10-17", "Statement": may})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    said = json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [name]}}})
    events.put_rule(Name=name, EventPattern=said)
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": own}])
    rules: Any = {"FilterRules": [{"Name": "prefix", "Value": "a+b/"}]}
    told: Any = {
        "QueueArn": own, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": rules}
    }  # fmt: skip
    s3.put_bucket_notification_configuration(
        Bucket=name,
        NotificationConfiguration={
            "QueueConfigurations": [told], "EventBridgeConfiguration": {}
        },
    )  # fmt: skip
    key = "a b/ä+.csv"
    upload = s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
    part: Any = {"Bucket": name, "Key": key, "UploadId": upload}
    tag = s3.upload_part(**part, PartNumber=1, Body=b"x")["ETag"]
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    s3.complete_multipart_upload(**part, MultipartUpload=parts)

    bodies: list[Any] = []

    def received() -> list[Any]:
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        bodies.extend(json.loads(one["Body"]) for one in got.get("Messages", []))
        return [one for one in bodies if "Event" not in one]  # S3's test event

    both = wait_until(received, lambda it: len(it) > 1, what="both", timeout_s=10)
    (record,) = next(one["Records"] for one in both if "Records" in one)
    detail = next(one["detail"] for one in both if "detail" in one)
    assert record["s3"]["object"]["key"] == "a+b/%C3%A4%2B.csv"
    assert detail["object"]["key"] == key
    assert detail["requester"] == account_id
    assert detail["reason"] == "CompleteMultipartUpload"


def test_a_bucket_is_opened_to_all_only_where_its_template_says_so(
    session: boto3.Session,
) -> None:
    """Each new one blocks public policies; what is said takes the place of all that."""
    s3, name = session.client("s3"), f"open-{uuid4().hex[:8]}"
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Statement": {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{name}/*",
                }
            },
        },
    }
    bucket: dict[str, Any] = {"Type": "AWS::S3::Bucket"}
    said = {"BucketName": name}
    stack = Stack(session)

    failed = stack.create({"Policy": policy, "Bucket": {**bucket, "Properties": said}})

    assert "blocked by the BlockPublicPolicy" in failed
    assert not stack.delete()
    assert not stack.create({"Bucket": {**bucket, "Properties": said}})
    opened = said | {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}
    assert not stack.update({"Bucket": {**bucket, "Properties": opened}})
    assert not stack.update(
        {"Policy": policy, "Bucket": {**bucket, "Properties": opened}}
    )
    blocks = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert [one for one, is_set in blocks.items() if is_set] == ["BlockPublicAcls"]
    assert not stack.delete()


def test_a_bucket_has_acls_only_where_its_template_says_whose_objects_are(
    session: boto3.Session,
) -> None:
    """Each new one has BucketOwnerEnforced, and an ACL fails its deployment."""
    s3, name = session.client("s3"), f"acl-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    with pytest.raises(ClientError, match="AccessControlListNotSupported"):
        s3.put_object(Bucket=name, Key="key", ACL="public-read")
    with pytest.raises(ClientError, match="AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket=name, ACL="private")
    s3.put_object(Bucket=name, Key="key", ACL="bucket-owner-full-control")
    form = s3.generate_presigned_post(name, "key", Fields={"acl": "public-read"})
    answer = requests.post(form["url"], form["fields"], files={"file": b""}, timeout=10)
    assert (answer.status_code, "NotSupported" in answer.text) == (400, True)
    with pytest.raises(ClientError, match="InvalidBucketAclWithObjectOwnership"):
        s3.create_bucket(Bucket=f"{name}-3", ACL="public-read")
    with pytest.raises(ClientError, match="AclWithBlockPublicAccessError"):
        s3.create_bucket(
            Bucket=f"{name}-3", ACL="public-read", ObjectOwnership="ObjectWriter"
        )
    said: dict[str, Any] = {"BucketName": f"{name}-2", "AccessControl": "PublicRead"}
    stack = Stack(session)

    failed = stack.create({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": said}})

    assert "Bucket cannot have ACLs set" in failed
    assert not stack.delete()
    said["OwnershipControls"] = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    failed = stack.create({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": said}})
    assert "blocked by the BlockPublicAcls" in failed
    assert not stack.delete()
    said["PublicAccessBlockConfiguration"] = {"BlockPublicPolicy": True}
    assert not stack.create({"Bucket": {"Type": "AWS::S3::Bucket", "Properties": said}})
    s3.put_object(Bucket=f"{name}-2", Key="key", ACL="public-read")
    s3.delete_object(Bucket=f"{name}-2", Key="key")
    assert not stack.delete()
