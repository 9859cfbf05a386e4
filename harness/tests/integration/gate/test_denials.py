"""Every protocol's denial, each beside the same call allowed."""

import pytest
import requests
from botocore.config import Config

from harness.tests.integration.gate.calls import CALLS, Call
from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Role, Roles, denied

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")


@pytest.fixture(params=CALLS, ids=lambda make: make.__name__)
def call(request: pytest.FixtureRequest, resources: Resources, roles: Roles) -> Call:
    """Return a call on a resource of its own."""
    made: Call = request.param(resources, roles)
    return made


def test_a_call_is_refused_as_aws_refuses_it_and_served_once_allowed(
    role: Role, call: Call
) -> None:
    """Code, status, action and ARN; the permission needed is exactly that action."""
    operation = getattr(role.client(call.service), call.operation)

    refused = denied(operation, **call.parameters)

    assert (refused.code, refused.http_status) == (
        call.refused.code,
        call.refused.http_status,
    )
    assert f"not authorized to perform: {call.shown} on resource: " in refused.message
    assert call.arn in refused.message.replace('"', "").split()
    assert f"assumed-role/{role.name}/test " in refused.message
    role.allow(call.action, call.arn)
    operation(**call.parameters)


def test_a_permission_for_another_resource_is_none(role: Role, call: Call) -> None:
    """The decoy has the same kind and nearly the same name."""
    operation = getattr(role.client(call.service), call.operation)

    role.allow(call.action, f"{call.arn}x" if call.arn != "*" else "arn:aws:x:::y")

    assert denied(operation, **call.parameters).code == call.refused.code


def test_a_batch_needs_the_permission_of_the_single_call(
    role: Role, resources: Resources
) -> None:
    """There is no sqs:SendMessageBatch."""
    queue = resources.queue()
    sqs = role.client("sqs")
    batch = [{"Id": "1", "MessageBody": "{}"}]

    refused = denied(sqs.send_message_batch, QueueUrl=queue.url, Entries=batch)

    assert "sqs:sendmessage on" in refused.message
    role.allow("sqs:SendMessage", queue.arn)
    sqs.send_message_batch(QueueUrl=queue.url, Entries=batch)


def test_a_transaction_is_refused_for_the_part_that_is_not_allowed(
    role: Role, resources: Resources
) -> None:
    """DynamoDB asks for the action of each part."""
    table = resources.table()
    arn = resources.arn("dynamodb", f"table/{table}")
    role.allow("dynamodb:PutItem", arn)
    dynamodb = role.client("dynamodb")
    put = {"Put": {"TableName": table, "Item": {"PK": {"S": "1"}}}}
    delete = {"Delete": {"TableName": table, "Key": {"PK": {"S": "2"}}}}

    refused = denied(dynamodb.transact_write_items, TransactItems=[put, delete])

    assert "dynamodb:DeleteItem" in refused.message
    dynamodb.transact_write_items(TransactItems=[put])


def test_that_an_object_is_missing_is_told_to_who_may_list_its_bucket(
    role: Role, resources: Resources
) -> None:
    """403 to others, which a function that looks whether there is one must expect."""
    bucket = resources.bucket("there")
    role.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", policy="reads")
    s3 = role.client("s3")

    refused = denied(s3.get_object, Bucket=bucket, Key="missing")
    headed = denied(s3.head_object, Bucket=bucket, Key="missing")
    role.allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")

    assert "perform: s3:ListBucket on resource:" in refused.message
    assert (refused.http_status, headed.http_status) == (403, 403)
    s3.get_object(Bucket=bucket, Key="there")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="missing")


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_what_a_browser_posts_needs_the_right_of_who_signed_the_form(
    role: Role, resources: Resources, signature: str
) -> None:
    """To write the object that the form names, with the token of the session."""
    bucket = resources.bucket("there")
    s3 = role.session().client("s3", config=Config(signature_version=signature))
    header = {
        "Expires": "Wed, 21 Oct 2037 07:28:00 GMT"
    }  # the object's, not the form's

    def status(key: str, **other: str) -> int:
        made = s3.generate_presigned_post(bucket, key, header, [header])
        return requests.post(
            made["url"],
            data={**made["fields"], **other},
            files={"file": ("name.txt", b"content")},
            timeout=10,
        ).status_code

    assert status("in/${filename}") == 403
    role.allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/name.txt")

    assert status("in/${filename}") == 204
    assert status("in/other.txt") == 403
    for token in ("another", ""):
        assert status("in/${filename}", **{"x-amz-security-token": token}) == 403


def test_a_form_says_with_which_key_the_object_is_encrypted(
    role: Role, resources: Resources
) -> None:
    """A bucket's policy may ask for it."""
    bucket, name = resources.bucket("there"), "x-amz-server-side-encryption-aws-kms"
    s3 = role.client("s3")
    fields = {"x-amz-server-side-encryption": "aws:kms", f"{name}-key-id": "ours"}
    role.put(
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"StringEquals": {f"s3:{name}-key-id": "ours"}},
        },
        "with-a-key",
    )

    def status(**said: str) -> int:
        conditions = [{field: value} for field, value in said.items()]
        made = s3.generate_presigned_post(bucket, "a", said, conditions)
        return requests.post(
            made["url"], made["fields"], files={"file": b"x"}, timeout=10
        ).status_code

    assert status() == 403
    assert status(**fields) == 204


def test_a_call_that_is_none_is_refused_as_that_before_it_is_denied(
    role: Role,
) -> None:
    """Of a role that is none nothing could be decided, whatever is allowed."""
    target = {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": "none"}
    refused = denied(
        role.client("scheduler").create_schedule,
        Name="s",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )

    assert refused.code == "ValidationException"
    assert "Value 'none' at 'target.roleArn'" in refused.message
