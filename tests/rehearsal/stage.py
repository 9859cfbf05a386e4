"""The environment in which commands take a stack on LocalStack for a stage."""

import os

import boto3

from sam_harness.emulator.emulator import DEFAULT_ACCOUNT
from service.deployed import RefundService, find_stage


def account_environment(endpoint_url: str, region: str) -> dict[str, str]:
    """Return an environment with credentials for a LocalStack."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": DEFAULT_ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def operator_environment(stack: RefundService) -> dict[str, str]:
    """Return an environment in which commands work on this stack.

    The API's address has to be given: its outputs hold the one that AWS would serve.
    """
    return {
        **account_environment(stack.endpoint_url, stack.region),
        "API_URL": stack.api_url,
    }


def find(session: boto3.Session, name: str, endpoint_url: str) -> RefundService:
    """Return a stack that another process deployed to a LocalStack."""
    outputs = {
        output["OutputKey"]: output["OutputValue"]
        for output in session.client("cloudformation").describe_stacks(StackName=name)[
            "Stacks"
        ][0]["Outputs"]
    }
    return find_stage(
        session,
        name,
        api_url=f"{endpoint_url}/_aws/execute-api/{outputs['ApiId']}/{outputs['StageName']}",
        endpoint_url=endpoint_url,
    ).stack
