"""What the mapping tells conditions about a request."""

from dataclasses import replace

import pytest

from harness.tests.unit.iam.calls import KEY, ROLE, a_call, only
from sam_harness.iam.call import Call, MissingResource
from sam_harness.iam.services import authorizations

MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"
SMALL = [{"key": "team", "value": "red"}]


def test_condition_keys_describe_the_request() -> None:
    """Names behind aliases, functions and paths; values of the partition key."""
    call = a_call(
        "dynamodb",
        "UpdateItem",
        TableName="t",
        Key=KEY,
        UpdateExpression="SET #s = :new, nested.part = if_not_exists(other, :zero)",
        ConditionExpression="attribute_exists(PK) AND #s = :old",
        ExpressionAttributeNames={"#s": "status"},
        ReturnValues="ALL_NEW",
    )

    assert only(call).context == {
        "dynamodb:LeadingKeys": ("a",),
        "dynamodb:Attributes": ("PK", "status", "nested", "other"),
        "dynamodb:ReturnValues": ("ALL_NEW",),
    }


@pytest.mark.parametrize(
    ("call", "keys"),
    [
        (
            a_call("sns", "Subscribe", TopicArn="arn:aws:sns:x:1:t", Protocol="sqs"),
            {"sns:Protocol": ("sqs",)},
        ),
        (
            a_call("stepfunctions", "TagResource", resourceArn=MACHINE, tags=SMALL),
            {"aws:RequestTag/team": ("red",), "aws:TagKeys": ("team",)},
        ),
        (
            a_call("secretsmanager", "ReplicateSecretToRegions", SecretId="s",
                   AddReplicaRegions=[{"Region": "x"}]),
            {"secretsmanager:SecretId": ("s",)},
        ),
    ],
)  # fmt: skip
def test_keys_are_filled_that_are_called_as_parameters_are(
    call: Call, keys: dict[str, tuple[str, ...]]
) -> None:
    """And those of tags; one whose parameter is not read is not said to be absent."""
    told = only(call)

    assert told.context == keys
    assert "secretsmanager:AddReplicaRegions" not in told.absent


def test_a_query_s_leading_key_is_what_it_compares_with() -> None:
    """Through alias and placeholder."""
    call = a_call(
        "dynamodb",
        "Query",
        TableName="t",
        KeyConditionExpression="#p = :p AND begins_with(SK, :s)",
        ExpressionAttributeNames={"#p": "PK"},
        ExpressionAttributeValues={":p": {"S": "a"}, ":s": {"S": "b"}},
        Select="COUNT",
    )

    assert only(call).context["dynamodb:LeadingKeys"] == ("a",)
    assert only(call).context["dynamodb:Select"] == ("COUNT",)


def a_query(condition: str = "", **more: object) -> Call:
    """Return a Query of a table whose partition key is PK."""
    given = {"KeyConditionExpression": condition} if condition else {}
    bound = {":a": {"S": "a"}, ":b": {"S": "b"}}
    call = a_call(
        "dynamodb",
        "Query",
        TableName="t",
        ExpressionAttributeValues=bound,
        **given,
        **more,
    )
    return replace(call, lookup=lambda _: "PK")


OLDER = {"PK": {"AttributeValueList": [{"S": "c"}], "ComparisonOperator": "EQ"}}


@pytest.mark.parametrize(
    ("query", "leading"),
    [
        (a_query("PK = :a AND SK = :b"), ("a",)),
        (a_query("SK = :b AND PK = :a"), ("a",)),
        (a_query("PK = :a AND PK = :b"), ("a", "b")),
        (a_query(KeyConditions=OLDER), ("c",)),
        (a_query("PK = :a", KeyConditions=OLDER), ("a", "c")),
    ],
)
def test_every_value_that_a_query_compares_its_key_with_counts(
    query: Call, leading: tuple[str, ...]
) -> None:
    """Whichever of them is used to read."""
    assert only(query).context["dynamodb:LeadingKeys"] == leading


@pytest.mark.parametrize(
    "query",
    [
        a_query(":a = PK"),
        a_query("(PK) = :a"),
        a_query("my-PK = :a"),
        a_query("begins_with(PK, :a)"),
        a_query(KeyConditions={"SK": OLDER["PK"]}),
    ],
)
def test_a_query_whose_key_cannot_be_read_is_refused(query: Call) -> None:
    """Without a leading key, ForAllValues would let it pass."""
    with pytest.raises(MissingResource, match="partition key"):
        authorizations(query)


def test_a_transaction_says_what_encloses_it() -> None:
    """So that a policy can tell it from the operation alone."""
    item = {"Put": {"TableName": "t", "Item": KEY}}
    call = a_call("dynamodb", "TransactWriteItems", TransactItems=[item])

    enclosing = only(call).context["dynamodb:EnclosingOperation"]

    assert enclosing == ("TransactWriteItems",)


@pytest.mark.parametrize(
    ("service", "operation", "named", "key"),
    [
        ("iam", "PutRolePolicy", {"RoleName": "r"}, "iam:PermissionsBoundary"),
        ("iam", "AttachUserPolicy", {"UserName": "u"}, "iam:PermissionsBoundary"),
        ("lambda", "DeleteEventSourceMapping", {"UUID": "m"}, "lambda:FunctionArn"),
    ],
)
def test_what_is_changed_is_asked_for_what_the_request_does_not_say(
    service: str, operation: str, named: dict[str, str], key: str
) -> None:
    """The boundary that a role has by now, the function that a mapping feeds."""
    call = a_call(service, operation, **named)
    known = replace(call, lookup=lambda arn: f"of {arn}")

    assert only(known).context[key] == (f"of {only(call).resource}",)
    assert key not in only(call).context


def test_a_session_is_asked_for_with_what_it_is_given() -> None:
    """Each of the three actions has the keys that are about it.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
    """
    tags = [{"Key": "team", "Value": "red"}]
    call = a_call(
        "sts",
        "AssumeRole",
        RoleArn=ROLE,
        RoleSessionName="s",
        Tags=tags,
        ExternalId="e",
        TransitiveTagKeys=["team"],
        SourceIdentity="a",
    )

    assume, tag, identity = authorizations(call)

    tagged = {
        "aws:RequestTag/team": ("red",),
        "aws:TagKeys": ("team",),
        "sts:TransitiveTagKeys": ("team",),
    }
    said = {"sts:RoleSessionName": ("s",), "sts:ExternalId": ("e",)}
    of_identity = {"sts:SourceIdentity": ("a",)}
    assert assume.context == said | of_identity | tagged
    assert tag.context.items() >= tagged.items()
    assert identity.context.items() >= of_identity.items()


def test_a_version_of_an_object_is_a_condition_key() -> None:
    """And to delete one among many takes the action for versions."""
    get = a_call("s3", "GetObject", Bucket="b", Key="k", VersionId="v")
    objects = [{"Key": "k", "VersionId": "v"}]
    delete = a_call("s3", "DeleteObjects", Bucket="b", Delete={"Objects": objects})

    assert only(get).context["s3:versionid"] == ("v",)
    assert only(delete).action == "s3:DeleteObjectVersion"
