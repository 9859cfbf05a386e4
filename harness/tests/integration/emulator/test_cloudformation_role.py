"""CloudFormation acts in the role that a stack is given, and the gate decides."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.gate.roles import Roles
from sam_harness.deploying.operation import Operation
from sam_harness.emulator.emulator import Emulator
from sam_harness.errors import HarnessError
from sam_harness.waiting import wait_until

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

pytestmark = pytest.mark.needs_gate(reason="it is about what is denied")

type Submit = Callable[..., object]
QUEUES = ("sqs:CreateQueue", "sqs:DeleteQueue", "sqs:Get*", "sqs:SetQueueAttributes")


@pytest.fixture
def name() -> str:
    """Return a stack's name that no other test uses."""
    return f"in-role-{uuid4().hex[:8]}"


@pytest.fixture
def cloudformation(session: boto3.Session) -> "CloudFormationClient":
    """Return a client of an administrator."""
    return session.client("cloudformation")


def role(session: boto3.Session, *actions: str, by: str = "cloudformation") -> str:
    """Make a role for a service that may do these actions."""
    iam, name = session.client("iam"), f"makes-{uuid4().hex[:8]}"
    trust = allow("sts:AssumeRole", Principal={"Service": f"{by}.amazonaws.com"})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(
        RoleName=name, PolicyName="may", PolicyDocument=allow(*actions, Resource="*")
    )
    return made["Role"]["Arn"]


def allow(*actions: str, **rest: object) -> str:
    """Return a policy of one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), **rest}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def template(*kinds: str) -> str:
    """Return a template of one resource of each kind, without properties."""
    resources = {kind.rpartition("::")[2]: {"Type": kind} for kind in kinds}
    return json.dumps({"Resources": resources})


def done(
    cloudformation: "CloudFormationClient", stack: str, submit: Submit, **told: object
) -> None:
    """Do something to a stack, and wait for its end."""
    operation = Operation(cloudformation, stack)
    submit(StackName=stack, **told)
    operation.wait(30)


def test_what_the_role_may_not_do_fails_with_action_and_arn(
    cloudformation: "CloudFormationClient", session: boto3.Session, name: str
) -> None:
    """Also in an update that names no role: the stack has one."""
    may = role(session, *QUEUES)
    queue, both = "AWS::SQS::Queue", ("AWS::SQS::Queue", "AWS::SNS::Topic")
    create, update = cloudformation.create_stack, cloudformation.update_stack

    done(cloudformation, name, create, TemplateBody=template(queue), RoleARN=may)
    with pytest.raises(HarnessError, match="SNS:CreateTopic on resource: arn:"):
        done(cloudformation, name, update, TemplateBody=template(*both))

    done(cloudformation, name, cloudformation.delete_stack)


def test_without_a_role_the_caller_may_do_no_more_than_otherwise(
    cloudformation: "CloudFormationClient",
    session: boto3.Session,
    account_id: str,
    emulator: Emulator,
    name: str,
) -> None:
    """Who may change stacks is no administrator, also with another's change set.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    roles = Roles(session, emulator.session, account_id)
    may = roles.make()
    may.put({"Effect": "Allow", "Action": ["cloudformation:*", *QUEUES],
             "Resource": "*"}, "may")  # fmt: skip
    own, queue = may.client("cloudformation"), template("AWS::SQS::Queue")
    both = template("AWS::SQS::Queue", "AWS::SNS::Topic")

    done(own, name, own.create_stack, TemplateBody=queue)
    given = cloudformation.create_change_set(
        StackName=name, ChangeSetName="both", TemplateBody=both
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        ChangeSetName=given["Id"], WaiterConfig={"Delay": 1}
    )
    with pytest.raises(HarnessError, match="SNS:CreateTopic on resource: arn:"):
        done(
            own,
            name,
            lambda **_: own.execute_change_set(ChangeSetName=given["Id"]),
        )

    done(cloudformation, name, cloudformation.delete_stack)


def test_a_nested_stack_is_made_with_no_more_permissions(
    cloudformation: "CloudFormationClient",
    session: boto3.Session,
    emulator: Emulator,
    name: str,
) -> None:
    """Not with those of an administrator who asks for the outer one.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    s3 = session.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="inner", Body=template("AWS::SNS::Topic").encode())
    url = {"TemplateURL": f"{emulator.endpoint_url}/{name}/inner"}
    inner = {"Type": "AWS::CloudFormation::Stack", "Properties": url}
    may = role(session, "cloudformation:*", *QUEUES)
    told = {"TemplateBody": json.dumps({"Resources": {"Inner": inner}}), "RoleARN": may}

    with pytest.raises(HarnessError, match="SNS:CreateTopic on resource: arn:"):
        done(cloudformation, name, cloudformation.create_stack, **told)


def test_a_stack_is_deleted_in_its_role(
    cloudformation: "CloudFormationClient",
    session: boto3.Session,
    name: str,
    gate_decisions: Callable[[str], list[Mapping[str, Any]]],
) -> None:
    """What it may not delete stays."""
    may = role(session, "sqs:CreateQueue", "sqs:Get*", "sqs:SetQueueAttributes")
    told = {"TemplateBody": template("AWS::SQS::Queue"), "RoleARN": may}
    done(cloudformation, name, cloudformation.create_stack, **told)

    listed = cloudformation.describe_stack_resources(StackName=name)
    [queue] = [one["PhysicalResourceId"] for one in listed["StackResources"]]

    cloudformation.delete_stack(StackName=name)

    # LocalStack's stack is gone all the same, without a last event.
    wait_until(
        lambda: gate_decisions(may),
        lambda decided: any(
            (one["action"], one["decision"]) == ("sqs:DeleteQueue", "implicitDeny")
            for one in decided
        ),
        what="a denial",
        timeout_s=30,
    )
    session.client("sqs").delete_queue(QueueUrl=queue)


def test_a_bucket_without_an_acl_needs_no_permission_for_one(
    cloudformation: "CloudFormationClient", session: boto3.Session, name: str
) -> None:
    """LocalStack alone asks for an ACL that the template does not have.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    may = role(session, "s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucket")
    told = {"TemplateBody": template("AWS::S3::Bucket"), "RoleARN": may}

    done(cloudformation, name, cloudformation.create_stack, **told)

    done(cloudformation, name, cloudformation.delete_stack)


def test_a_role_that_does_not_trust_cloudformation_makes_nothing(
    cloudformation: "CloudFormationClient", session: boto3.Session, name: str
) -> None:
    """Whatever it may do."""
    may = role(session, *QUEUES, by="lambda")
    told = {"TemplateBody": template("AWS::SQS::Queue"), "RoleARN": may}

    with pytest.raises(HarnessError, match="sts:AssumeRole"):
        done(cloudformation, name, cloudformation.create_stack, **told)


def test_a_role_is_changed_only_within_the_boundary_that_it_has(
    cloudformation: "CloudFormationClient", session: boto3.Session, name: str
) -> None:
    """PutRolePolicy names no boundary; IAM looks at the role."""
    iam = session.client("iam")
    limit = iam.create_policy(
        PolicyName=f"limit-{name}", PolicyDocument=allow("sqs:*", Resource="*")
    )["Policy"]["Arn"]
    may = role(session, "iam:DeleteRole*", "iam:Get*", "iam:List*")
    within = {"StringEquals": {"iam:PermissionsBoundary": limit}}
    iam.put_role_policy(
        RoleName=may.rpartition("/")[2],
        PolicyName="within",
        PolicyDocument=allow(
            "iam:CreateRole", "iam:PutRolePolicy", Resource="*", Condition=within
        ),
    )
    bounded = {
        "AssumeRolePolicyDocument": json.loads(
            allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
        ),
        "PermissionsBoundary": limit,
        "Policies": [
            {
                "PolicyName": "queues",
                "PolicyDocument": json.loads(allow("sqs:SendMessage", Resource="*")),
            }
        ],
    }
    resources = {"Made": {"Type": "AWS::IAM::Role", "Properties": bounded}}
    told = {
        "TemplateBody": json.dumps({"Resources": resources}),
        "Capabilities": ["CAPABILITY_IAM"],
        "RoleARN": may,
    }

    done(cloudformation, name, cloudformation.create_stack, **told)

    done(cloudformation, name, cloudformation.delete_stack)
