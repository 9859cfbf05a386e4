"""Stacks that make roles and users need that acknowledged."""

import json
import re
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.stacks import Stack

TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [TRUST]}
    },
}
FUNCTION = {
    "Type": "AWS::Serverless::Function",
    "Properties": {
        "Handler": "index.handler",
        "InlineCode": "handler = print",
        "Runtime": "python3.13",
    },
}
REFUSED = r"Requires capabilities : \[CAPABILITY_IAM]"


def test_a_stack_whose_roles_were_not_acknowledged_is_not_there(
    session: boto3.Session,
) -> None:
    """LocalStack makes the roles all the same."""
    cloudformation, name = session.client("cloudformation"), f"role-{uuid4().hex[:8]}"

    with pytest.raises(ClientError, match=REFUSED):
        cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps({"Resources": {"Role": ROLE}})
        )

    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.describe_stacks(StackName=name)


def test_a_role_that_sam_makes_of_a_function_has_to_be_acknowledged(
    session: boto3.Session,
) -> None:
    """The template that is submitted has none: its stack fails."""
    expanding = "CAPABILITY_AUTO_EXPAND"
    resources, transform = {"Function": FUNCTION}, "AWS::Serverless-2016-10-31"

    refused, made = Stack(session), Stack(session)

    said = refused.create(resources, capabilities=[expanding], Transform=transform)
    assert re.search(REFUSED, said)
    told = ["CAPABILITY_IAM", expanding]
    assert not made.create(resources, capabilities=told, Transform=transform)


def test_an_update_that_makes_a_role_needs_the_capability(
    session: boto3.Session,
) -> None:
    """The stack stays as it was."""
    stack, cloudformation = Stack(session), session.client("cloudformation")
    assert not stack.create()

    with pytest.raises(ClientError, match="InsufficientCapabilities"):
        cloudformation.update_stack(
            StackName=stack.name, TemplateBody=json.dumps({"Resources": {"R": ROLE}})
        )

    assert not stack.update({"Role": ROLE})


def test_a_nested_stack_has_the_capabilities_of_its_outer_one(
    session: boto3.Session,
) -> None:
    """LocalStack gives each of them all."""
    bucket, s3 = f"nested-{uuid4().hex[:8]}", session.client("s3")
    s3.create_bucket(Bucket=bucket)
    body = json.dumps({"Resources": {"Role": ROLE}})
    s3.put_object(Bucket=bucket, Key="t", Body=body.encode())
    nested = {"TemplateURL": f"https://{bucket}.s3.amazonaws.com/t"}
    outer = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}}

    refused = Stack(session).create(outer, capabilities=())
    made = Stack(session).create(outer, capabilities=("CAPABILITY_IAM",))

    assert "Requires capabilities : [CAPABILITY_IAM]" in refused
    assert not made


def test_a_change_set_has_the_capabilities_that_it_was_made_with(
    session: boto3.Session,
) -> None:
    """Whatever is asked for the same stack meanwhile."""
    cloudformation, name = session.client("cloudformation"), f"set-{uuid4().hex[:8]}"
    asked: Any = {
        "StackName": name,
        "ChangeSetType": "CREATE",
        "TemplateBody": json.dumps({"Resources": {"Role": ROLE}}),
    }
    made = cloudformation.create_change_set(
        **asked, ChangeSetName="with", Capabilities=["CAPABILITY_IAM"]
    )
    with pytest.raises(ClientError, match=REFUSED):
        cloudformation.create_change_set(**asked, ChangeSetName="without")

    cloudformation.execute_change_set(ChangeSetName=made["Id"])

    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
