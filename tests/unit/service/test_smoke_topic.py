"""The smoke test says so when nobody would be told of an alarm."""

import boto3
import pytest
from moto import mock_aws

from service.smoke import is_heard

TEMPLATE = """
Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: alarms}}}
Outputs: {AlarmTopicArn: {Value: !Ref Topic}}
"""


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_topic_without_a_confirmed_subscription_is_not_heard(
    monkeypatch: pytest.MonkeyPatch, *, confirmed: bool
) -> None:
    """An email address counts once its owner has confirmed it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        cloudformation = session.client("cloudformation")
        cloudformation.create_stack(StackName="shop", TemplateBody=TEMPLATE)
        if confirmed:
            [topic] = session.client("sns").list_topics()["Topics"]
            session.client("sns").subscribe(
                TopicArn=topic["TopicArn"], Protocol="sms", Endpoint="+15551234567"
            )

        assert is_heard(session, "shop") is confirmed
