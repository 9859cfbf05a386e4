"""CloudFormation's subscriptions: what a FIFO topic of SNS does not deliver to.

https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
"""

from localstack.services.cloudformation.resource_provider import (
    ProgressEvent,
    ResourceRequest,
)
from localstack.services.sns.resource_providers.aws_sns_subscription import (
    SNSSubscriptionProvider,
)
from localstack.services.sns.resource_providers.aws_sns_topic import SNSTopicProvider


class Subscription(SNSSubscriptionProvider):  # type: ignore[misc] # LocalStack is untyped
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Subscribe what the topic delivers to."""
        model = request.desired_state
        _check(str(model["TopicArn"]).endswith(".fifo"), model["Protocol"])
        return super().create(request)


class Topic(SNSTopicProvider):  # type: ignore[misc] # as above
    """LocalStack's, corrected."""

    def create(self, request: ResourceRequest) -> ProgressEvent:
        """Make a topic, and subscribe what it delivers to."""
        model = request.desired_state
        for one in model.get("Subscription") or ():
            _check(str(model.get("FifoTopic")).lower() == "true", one["Protocol"])
        return super().create(request)


PROVIDERS = {one.TYPE: one() for one in (Subscription, Topic)}


def _check(fifo: bool, protocol: str) -> None:  # noqa: FBT001 - read where it is called
    if fifo and protocol != "sqs":
        raise ValueError(f"Invalid parameter: Invalid protocol type: {protocol}")
