"""What is found by a parameter's name: resources, roles that are passed on, tags."""

import pytest

from harness.tests.unit.iam.calls import ACCOUNT, TABLE, a_call, needed
from sam_harness.iam import services
from sam_harness.iam.call import Call

ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:profiles"


def regional(rest: str) -> str:
    """Return an ARN of the calls' region and account."""
    service, _, named = rest.partition(":")
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{named}"


@pytest.mark.parametrize(
    ("call", "role"),
    [
        (a_call("lambda", "CreateFunction", FunctionName="f", Role=ROLE), "lambda"),
        (
            a_call("events", "PutRule", Name="r", RoleArn=ROLE),
            "events",
        ),
        (
            a_call("logs", "PutSubscriptionFilter", logGroupName="g", roleArn=ROLE),
            "logs",
        ),
        (
            a_call("cloudformation", "CreateStack", StackName="s", RoleARN=ROLE),
            "cloudformation",
        ),
        (
            a_call(
                "sns",
                "SetTopicAttributes",
                TopicArn=TOPIC,
                AttributeName="SQSSuccessFeedbackRoleArn",
                AttributeValue=ROLE,
            ),
            "sns",
        ),
    ],
)
def test_a_role_is_passed_on_to_the_service_that_works_in_it(
    call: Call, role: str
) -> None:
    """Once, and nothing is passed on where the call names none."""
    [_, passed] = services.authorizations(call)

    assert (passed.action, passed.resource) == ("iam:PassRole", ROLE)
    assert passed.context == {"iam:PassedToService": (f"{role}.amazonaws.com",)}


@pytest.mark.parametrize(
    "changes",
    [
        {"AttributeName": "DisplayName", "AttributeValue": "Profile changes"},
        {"AttributeName": "Policy", "AttributeValue": f'{{"AWS": "{ROLE}"}}'},
    ],
)
def test_a_topic_s_other_attributes_pass_no_role_on(changes: dict[str, str]) -> None:
    """Though they may name one."""
    call = a_call("sns", "SetTopicAttributes", TopicArn=TOPIC, **changes)

    assert needed(call) == [("sns:SetTopicAttributes", TOPIC)]


def test_a_role_under_another_parameter_is_passed_on_all_the_same() -> None:
    """Lambda has several."""
    there = {"CapacityProviderOperatorRoleArn": ROLE}
    call = a_call("lambda", "CreateCapacityProvider", PermissionsConfig=there)

    assert ("iam:PassRole", ROLE) in needed(call)


@pytest.mark.parametrize(
    ("service", "operation", "parameter", "named", "resource"),
    [
        ("logs", "DeleteLogGroup", "logGroupName", "g", "logs:log-group:g:log-stream:"),
        ("ssm", "DeleteParameters", "Names", ["p"], "ssm:parameter/p"),
        (
            "cloudwatch",
            "DeleteDashboards",
            "DashboardNames",
            ["d"],
            f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/d",
        ),
        (
            "stepfunctions",
            "DeleteActivity",
            "activityArn",
            regional("states:activity:a"),
            "states:activity:a",
        ),
        (
            "scheduler",
            "TagResource",
            "ResourceArn",
            regional("scheduler:schedule-group/g"),
            "scheduler:schedule-group/g",
        ),
        (
            "scheduler",
            "CreateScheduleGroup",
            "Name",
            "g",
            "scheduler:schedule-group/g",
        ),
        ("lambda", "GetFunction", "FunctionName", "f", "lambda:function:f"),
    ],
)
def test_a_resource_is_found_by_the_parameter_that_names_it(
    service: str, operation: str, parameter: str, named: object, resource: str
) -> None:
    """And by nothing else of the request."""
    [one] = services.authorizations(a_call(service, operation, **{parameter: named}))

    whole = resource if resource.startswith("arn:") else regional(resource)
    assert (one.resource, one.formats) == (whole, ())


def test_insights_of_an_index_need_the_table_and_the_index() -> None:
    """AWS's reference has both."""
    call = a_call("dynamodb", "UpdateContributorInsights", TableName="t", IndexName="i")
    action = "dynamodb:UpdateContributorInsights"

    assert needed(call) == [(action, TABLE), (action, f"{TABLE}/index/i")]


@pytest.mark.parametrize(
    ("service", "operation", "tags"),
    [
        ("kms", "TagResource", [{"TagKey": "owner", "TagValue": "x"}]),
        ("scheduler", "CreateScheduleGroup", [{"Key": "a"}, {"Key": "A"}]),
    ],
)
def test_tags_that_cannot_be_read_are_told_as_none(
    service: str, operation: str, tags: list[dict[str, str]]
) -> None:
    """Neither as a tag that the request has not: what asks for them is refused."""
    call = a_call(service, operation, Name="g", Tags=tags)

    [one] = services.authorizations(call)

    assert not [key for key in one.context if key.startswith("aws:")]
    assert not [key for key in one.absent if key.startswith("aws:")]


def test_a_change_set_tells_the_types_that_it_imports() -> None:
    """None where it imports nothing; a stack policy it never has."""
    imports = [{"ResourceType": "AWS::IAM::Role", "LogicalResourceId": "R"}]
    none, some = (
        services.authorizations(
            a_call("cloudformation", "CreateChangeSet", StackName="s", **more)
        )[0]
        for more in ({}, {"ResourcesToImport": imports})
    )
    types, policy = (
        f"cloudformation:{name}" for name in ("ImportResourceTypes", "StackPolicyUrl")
    )

    assert {types, policy} <= {*none.absent}
    assert some.context[types] == ("AWS::IAM::Role",)
    assert policy in some.absent
