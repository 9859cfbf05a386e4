"""The smoke test says so when no person would be told of an alarm."""

from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from service.smoke import is_heard

TEMPLATE = """
Resources: {Topic: {Type: AWS::SNS::Topic}}
Outputs: {AlarmTopicArn: {Value: !Ref Topic}}
"""


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_topic_without_a_confirmed_subscription_is_not_heard(
    monkeypatch: pytest.MonkeyPatch, *, confirmed: bool
) -> None:
    """An email address counts once its owner has confirmed it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = f"shop-{uuid4()}"
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        cloudformation = session.client("cloudformation")
        cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE)
        if confirmed:
            [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
            [topic] = stack["Outputs"]
            session.client("sns").subscribe(
                TopicArn=topic["OutputValue"], Protocol="sms", Endpoint="+15551234567"
            )

        assert is_heard(session, name) is confirmed
