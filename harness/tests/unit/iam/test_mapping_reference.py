"""The mapping, entry by entry against AWS's service authorization reference."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from harness.tests.unit.iam.calls import (
    ACCOUNT,
    KEY,
    QUEUE,
    ROLE,
    SELECT,
    TABLE,
    a_call,
    members,
    model,
    needed,
)
from sam_harness.iam.call import Authorization, Call
from sam_harness.iam.reference import actions, definition
from sam_harness.iam.service import Subject
from sam_harness.iam.services import SERVICES, authorizations

# One value for each parameter, good for every operation that has it.
PARAMETERS: dict[str, Any] = {
    "AlarmNames": ["a"],
    "Arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1",
    "BackupArn": f"{TABLE}/backup/b",
    "CopySource": "b/source",
    "DashboardNames": ["d"],
    "DestinationArn": QUEUE,
    "Delete": {"Objects": [{"Key": "k"}, {"Key": "v", "VersionId": "1"}]},
    "ExpressionAttributeValues": {":a": {"S": "a"}},
    "ExternalId": "e",
    "IndexName": "i",
    "Item": KEY,
    "KeyConditionExpression": "PK = :a",
    "Key": KEY,
    "Layers": [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:l:1"],
    "Parameters": [],
    "Path": "/path/",
    "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p",
    "PolicySourceArn": ROLE,
    "Qualifier": "live",
    "QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q",
    "Names": ["name"],
    "ResourceType": "Parameter",
    "RequestItems": {"t": {"Keys": [KEY]}},
    "Role": ROLE,
    "RoleARN": ROLE,
    "RoleArn": ROLE,
    "ShardIterator": f"{TABLE}/stream/1|1|AAAA",
    "SourceArn": QUEUE,
    "SourceIdentity": "someone",
    "Statement": SELECT["Statement"],
    "Statements": [SELECT],
    "StreamArn": f"{TABLE}/stream/1",
    "PathPrefix": "/",
    "TableArn": TABLE,
    "Tags": [{"Key": "team", "Value": "red"}],
    "TaskHandle": "eyJzb3VyY2VBcm4iOiAiYXJuOmF3czpzcXM6ZXU6MTpxIn0=",
    "TopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic",
    "TransactItems": [{"Get": {"TableName": "t", "Key": KEY}}],
    "TransactStatements": [SELECT],
    "activityArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:activity:a",
    "executionArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:execution:m:e",
    "mapRunArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:mapRun:m/l:1",
    "roleArn": ROLE,
    "stateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m:live",
    "tags": {"team": "red"},
}
# The reference knows no resource of the action, AWS's examples grant it on this one:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
# or AWS was seen to decide on this one: https://github.com/aws/aws-cdk/pull/8486
# (and of lists in public logs of denials, as of dynamodb:ListTables on table/*).
AS_IN_EXAMPLES = {
    ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
    *(
        (action, f"arn:aws:{place}")
        for action, place in (
            (
                "cloudformation:ListStacks",
                f"cloudformation:eu-west-1:{ACCOUNT}:stack/*/*",
            ),
            ("dynamodb:ListTables", f"dynamodb:eu-west-1:{ACCOUNT}:table/*"),
            ("events:ListRules", f"events:eu-west-1:{ACCOUNT}:rule/*"),
            ("iam:ListGroups", f"iam::{ACCOUNT}:group/"),
            ("iam:ListRoles", f"iam::{ACCOUNT}:role/"),
            ("iam:ListUsers", f"iam::{ACCOUNT}:user/"),
            (
                "logs:DescribeLogGroups",
                f"logs:eu-west-1:{ACCOUNT}:log-group::log-stream:",
            ),
            ("sns:ListSubscriptions", f"sns:eu-west-1:{ACCOUNT}:*"),
            ("sns:ListTopics", f"sns:eu-west-1:{ACCOUNT}:*"),
            ("sqs:ListQueues", f"sqs:eu-west-1:{ACCOUNT}:"),
            ("ssm:DescribeParameters", f"ssm:eu-west-1:{ACCOUNT}:*"),
            ("states:ListStateMachines", f"states:eu-west-1:{ACCOUNT}:stateMachine:*"),
        )
    ),
    *(
        (f"states:SendTask{end}", f"arn:aws:states:eu-west-1:{ACCOUNT}:activity:*")
        for end in ("Failure", "Heartbeat", "Success")
    ),
}
# The reference omits the key here, AWS's own example of it does not:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
UNDOCUMENTED = {("dynamodb:ConditionCheckItem", "dynamodb:EnclosingOperation")}

# Made over plain HTTP: no client of boto3 has an operation for them.
BY_HTTP: dict[tuple[str, str], dict[str, str]] = {
    ("execute-api", "Invoke"): {
        "Arn": f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:api/live/GET/path"
    },
    ("s3", "PostObject"): {"Bucket": "example", "Key": "key"},
}


def an_arn(service: str) -> str:
    """Return the ARN of a resource of one of the service's types."""
    for one in SERVICES[service].types.values():
        if one.arn:
            place = {"region": "eu-west-1", "account": ACCOUNT, "path": "/"}
            return "arn:aws:" + one.arn.format(name="name", **place)
    return "arn:aws:x:::y"


def a_full_call(service: str, operation: str) -> Call:
    """Return a call with a value for every parameter the operation has."""
    if given := BY_HTTP.get((service, operation)):
        return a_call(service, operation, **given)
    known = members(service, operation)
    made = {
        name: an_arn(service)
        if name.lower() in {"resourcearn", "resource"}
        else an_example(member)
        for name, member in known.items()
        if member.type_name == "string" or is_list_of_structures(member)
    }
    values = {
        name: value
        for name, value in PARAMETERS.items()
        if name in known
        and (service != "s3" or name not in {"Key", "Tags"})
        and operation != "UntagLogGroup"  # its tags are their keys alone
    }
    return replace(a_call(service, operation), parameters=made | values)


def is_list_of_structures(shape: Any) -> bool:  # noqa: ANN401 - botocore's
    """Tell whether a parameter is a list of things with parameters of their own."""
    return bool(shape.type_name == "list" and shape.member.type_name == "structure")


def an_example(shape: Any) -> object:  # noqa: ANN401 - botocore's
    """Return a string, or one structure in a list, with the strings that it has."""
    if shape.type_name == "string":
        return "name"
    members = shape.member.members.items()
    strings = [name for name, member in members if member.type_name == "string"]
    return [{name: PARAMETERS.get(name, "name") for name in strings}]


@pytest.mark.parametrize("service", SERVICES)
def test_every_entry_agrees_with_the_reference(service: str) -> None:
    """Operation, action, ARN and condition keys exist, and belong together."""
    of_clients = {
        one for one in SERVICES[service].rules if (service, one) not in BY_HTTP
    }
    assert not of_clients or of_clients <= set(model(service).operation_names)
    wrong = [
        f"{operation}: {complaint}"
        for operation in {*SERVICES[service].rules, *named(service)}
        for needed in authorizations(a_full_call(service, operation))
        for complaint in complaints(needed)
    ]

    assert wrong == []


def named(service: str) -> list[str]:
    """Return the operations without a rule whose parameters name their resource."""
    if not SERVICES[service].names:
        return []
    known = actions(SERVICES[service].prefix or service)
    return [
        operation
        for operation in model(service).operation_names
        if operation in known
        and SERVICES[service].names.keys() & members(service, operation).keys()
        and not authorizations(a_full_call(service, operation))[0].formats
    ]


def complaints(needed: Authorization) -> Iterator[str]:
    """Say what the reference does not know of an authorization."""
    prefix, name = needed.action.split(":")
    privilege = definition()[prefix]["privileges"].get(name)
    if not privilege:
        yield f"no action {needed.action}"
        return
    types = privilege["resource_types"]
    if (needed.action, needed.resource) not in AS_IN_EXAMPLES and not fits(
        needed.resource, prefix, set(types)
    ):
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
    if not named:
        return resource == "*"
    formats = [definition()[prefix]["resources"][name]["arn"] for name in named]
    return any(
        re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(one)), resource)
        for one in formats
    ) or (resource == "*" and "" in types)


SAMPLES = [
    (service.name, action)
    for service in SERVICES.values()
    for action in service.samples
]


@pytest.mark.parametrize(("service", "action"), SAMPLES)
def test_a_sample_call_needs_the_action_it_is_listed_under(
    service: str, action: str
) -> None:
    """Its parameters are ones of boto3, and name the resource that it is made for."""
    sample = SERVICES[service].samples[action]
    prefix = SERVICES[service].prefix or service
    types = definition()[prefix]["privileges"][action]["resource_types"]
    formats = [definition()[prefix]["resources"][one]["arn"] for one in types if one]
    needing = []
    seen = [arn for of, arn in AS_IN_EXAMPLES if of == f"{prefix}:{action}"]
    arns = [re.sub(r"\$\{\w+\}", filled, one) for one in formats]
    for arn in arns or seen or ["*"]:
        parameters = sample.parameters(Subject(arn, ("PK", "SK")))
        operation = operations(service)[sample.operation or xform_name(action)]
        shape = model(service).operation_model(operation).input_shape
        report = ParamValidator().validate(parameters, shape)
        assert not report.has_errors(), report.generate_report()
        call = a_call(service, operation, **parameters)
        needing += [arn for one in needed(call) if one == (f"{prefix}:{action}", arn)]

    assert needing


def filled(placeholder: re.Match[str]) -> str:
    """Return what stands in an ARN for a placeholder of the reference."""
    known = {"Partition": "aws", "Region": "eu-west-1", "Account": ACCOUNT}
    return known.get(placeholder[0][2:-1], "name")


def operations(service: str) -> dict[str, str]:
    """Return a service's operations by the names that boto3's client has for them."""
    return {xform_name(name): name for name in model(service).operation_names}
