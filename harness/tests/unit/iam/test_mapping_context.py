"""What the mapping tells conditions about a request."""

from dataclasses import replace

import pytest

from harness.tests.unit.iam.calls import KEY, a_call, only


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
