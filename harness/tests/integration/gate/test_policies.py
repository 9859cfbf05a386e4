"""What limits a role, and what happens when it changes."""

import boto3
import pytest

from harness.tests.integration.gate.resources import Queue, Resources
from harness.tests.integration.gate.roles import (
    Role,
    Roles,
    client,
    denied,
    document,
    unique,
)
from sam_harness.emulator.emulator import Emulator

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")

SEND = "sqs:SendMessage"


@pytest.fixture
def queue(resources: Resources) -> Queue:
    """Return a queue."""
    return resources.queue()


def test_an_explicit_deny_wins(role: Role, queue: Queue) -> None:
    """Whatever else allows the call."""
    role.allow("sqs:*", "*")
    sqs = role.client("sqs")
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")

    role.put({"Effect": "Deny", "Action": SEND, "Resource": queue.arn}, "denied")

    refused = denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")
    assert refused.message.endswith("with an explicit deny in an identity-based policy")


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "172.16.0.0/12"]}},
        {"StringLike": {"aws:UserAgent": "Boto3/*"}},
        {"StringEquals": {"aws:PrincipalTag/team": "blue"}},
        {"StringEquals": {"aws:ResourceTag/env": "prod"}},
    ],
)
def test_a_deny_on_the_client_or_on_a_tag_applies(
    session: boto3.Session,
    roles: Roles,
    queue: Queue,
    condition: dict[str, dict[str, str]],
) -> None:
    """What LocalStack says of the request, the role and the queue reaches the gate."""
    session.client("sqs").tag_queue(QueueUrl=queue.url, Tags={"env": "prod"})
    role = roles.make(Tags=[{"Key": "team", "Value": "blue"}])
    role.allow("sqs:*", "*")
    sqs = role.client("sqs")
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")

    deny = {"Effect": "Deny", "Action": SEND, "Resource": "*", "Condition": condition}
    role.put(deny, "denied")

    refused = denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")
    assert refused.message.endswith("with an explicit deny in an identity-based policy")


def test_a_secret_is_read_by_its_name_with_the_right_to_its_arn(
    role: Role, session: boto3.Session
) -> None:
    """Its ARN ends in what the name does not tell.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """
    secrets = session.client("secretsmanager")
    one, other = unique("a/secret-name-abcdef"), unique("secret")
    arn = secrets.create_secret(Name=one, SecretString="x")["ARN"]
    secrets.create_secret(Name=other, SecretString="y")
    role.allow("secretsmanager:GetSecretValue", arn)
    role.allow("ssm:GetParameter", "*", policy="more")
    mine = role.client("secretsmanager")

    for name in (one, arn, arn[:-7]):
        assert mine.get_secret_value(SecretId=name)["SecretString"] == "x"
    by_name = f"/aws/reference/secretsmanager/{one}"
    mine_of_ssm = role.client("ssm")
    told = mine_of_ssm.get_parameter(Name=by_name, WithDecryption=True)
    assert told["Parameter"]["Value"] == "x"
    for name in (other, f"{one}-none", "no name of a secret"):
        denied(mine.get_secret_value, SecretId=name)


def test_a_secrets_own_policy_denies_and_allows(
    role: Role, session: boto3.Session
) -> None:
    """Within an account either policy is enough, and each Deny counts."""
    secrets = session.client("secretsmanager")
    arn = secrets.create_secret(Name=unique("secret"), SecretString="x")["ARN"]
    policy = {
        "Effect": "Allow",
        "Principal": {"AWS": role.arn},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    mine = role.client("secretsmanager")
    denied(mine.get_secret_value, SecretId=arn)

    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document(policy))
    assert mine.get_secret_value(SecretId=arn)["SecretString"] == "x"

    role.allow("secretsmanager:*", "*")
    against = policy | {"Effect": "Deny"}
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document(against))
    for name in (arn, arn.partition(":secret:")[2][:-7]):
        refused = denied(mine.get_secret_value, SecretId=name)
        assert refused.message.endswith(
            "with an explicit deny in a resource-based policy"
        )


def test_a_permissions_boundary_limits(
    roles: Roles, session: boto3.Session, queue: Queue
) -> None:
    """Of what the role is allowed, only what the boundary allows too is left."""
    made = session.client("iam").create_policy(
        PolicyName=unique("boundary"),
        PolicyDocument=document(
            {"Effect": "Allow", "Action": "sqs:GetQueueUrl", "Resource": "*"}
        ),
    )
    role = roles.make(PermissionsBoundary=made["Policy"]["Arn"])
    role.allow("sqs:*", "*")
    sqs = role.client("sqs")

    refused = denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")

    assert "because no permissions boundary allows" in refused.message
    sqs.get_queue_url(QueueName=queue.arn.rsplit(":", 1)[-1])


def test_a_session_policy_limits_its_session_only(role: Role, queue: Queue) -> None:
    """The policy was given to AssumeRole."""
    role.allow("sqs:*", "*")
    limit = document({"Effect": "Allow", "Action": "sqs:Get*", "Resource": "*"})

    limited = role.session(Policy=limit).client("sqs")

    refused = denied(limited.send_message, QueueUrl=queue.url, MessageBody="{}")
    assert "because no session policy allows" in refused.message
    limited.get_queue_url(QueueName=queue.arn.rsplit(":", 1)[-1])
    role.client("sqs").send_message(QueueUrl=queue.url, MessageBody="{}")


def test_a_managed_policy_allows_until_it_is_detached(
    role: Role, session: boto3.Session, queue: Queue
) -> None:
    """Each change counts for the very next call."""
    iam = session.client("iam")
    made = iam.create_policy(
        PolicyName=unique("managed"),
        PolicyDocument=document(
            {"Effect": "Allow", "Action": SEND, "Resource": queue.arn}
        ),
    )
    policy = {"RoleName": role.name, "PolicyArn": made["Policy"]["Arn"]}
    sqs = role.client("sqs")
    denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")

    iam.attach_role_policy(**policy)
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")

    iam.detach_role_policy(**policy)
    denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")


def test_a_policy_counts_as_soon_as_it_is_there_and_no_longer(
    role: Role, queue: Queue
) -> None:
    """Nothing is kept over a change; the session stays the same."""
    sqs = role.client("sqs")

    for _ in range(3):
        denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")
        role.allow(SEND, queue.arn)
        sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
        role.take()


def test_a_queue_policy_allows_and_denies(
    role: Role, session: boto3.Session, queue: Queue
) -> None:
    """A role of the same account needs either policy, and no Deny in any."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": role.arn},
        "Action": SEND,
        "Resource": queue.arn,
    }
    admin, sqs = session.client("sqs"), role.client("sqs")
    denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")

    admin.set_queue_attributes(
        QueueUrl=queue.url, Attributes={"Policy": document(statement)}
    )
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")

    admin.set_queue_attributes(
        QueueUrl=queue.url,
        Attributes={"Policy": document({**statement, "Effect": "Deny"})},
    )
    refused = denied(sqs.send_message, QueueUrl=queue.url, MessageBody="{}")
    assert "with an explicit deny in a resource-based policy" in refused.message


def test_a_policy_that_wants_tls_is_satisfied(
    role: Role, session: boto3.Session, queue: Queue
) -> None:
    """LocalStack is reached over HTTP; the gate takes it for TLS, as on AWS."""
    role.allow(SEND, queue.arn)
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue.arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    session.client("sqs").set_queue_attributes(
        QueueUrl=queue.url, Attributes={"Policy": document(tls_only)}
    )

    role.client("sqs").send_message(QueueUrl=queue.url, MessageBody="{}")


def test_a_bucket_policy_denies(
    role: Role, session: boto3.Session, resources: Resources
) -> None:
    """S3's policies count like those of queues."""
    bucket = resources.bucket("k")
    role.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    s3 = role.client("s3")
    s3.get_object(Bucket=bucket, Key="k")

    session.client("s3").put_bucket_policy(
        Bucket=bucket,
        Policy=document(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ),
    )

    refused = denied(s3.get_object, Bucket=bucket, Key="k")
    assert "with an explicit deny in a resource-based policy" in refused.message


def test_a_leading_key_limits_items(role: Role, resources: Resources) -> None:
    """The gate looks up which attribute is the table's partition key."""
    table = resources.table()
    role.put(
        {
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": resources.arn("dynamodb", f"table/{table}"),
            "Condition": {
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        },
        "own-items",
    )
    dynamodb = role.client("dynamodb")

    dynamodb.get_item(TableName=table, Key={"PK": {"S": "mine"}})

    refused = denied(dynamodb.get_item, TableName=table, Key={"PK": {"S": "another's"}})
    assert "dynamodb:GetItem" in refused.message


def test_a_role_lists_buckets_only_where_it_may(role: Role) -> None:
    """On all buckets, as AWS's examples grant it: no bucket's policy is looked up."""
    s3 = role.client("s3")
    denied(s3.list_buckets)

    role.allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")

    assert s3.list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_who_one_is_may_always_be_asked(role: Role) -> None:
    """sts:GetCallerIdentity needs no permission."""
    told = role.client("sts").get_caller_identity()

    assert told["Arn"].endswith(f"assumed-role/{role.name}/test")


@pytest.mark.parametrize(
    "key", ["LSIAQAAAAAAAGMKEM7X5", "ASIAQAAAAAAAGMKEM7X5", "AKIAIOSFODNN7EXAMPLE"]
)
@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sqs", "list_queues", "InvalidClientTokenId"),
        ("dynamodb", "list_tables", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_a_key_that_sts_did_not_give_out_is_refused(
    emulator: Emulator, key: str, service: str, operation: str, code: str
) -> None:
    """LocalStack itself takes such keys for the default account's administrator."""
    refused = denied(getattr(client(emulator.session(key), service), operation))

    assert refused.code == code
    assert "sts:AssumeRole" in refused.message
