"""SNS: topics by ARN; a subscription's own actions know no resources."""

from collections.abc import Iterable

from harness.iam.mapping.call import (
    Authorization,
    Call,
    anything,
    by,
    given,
    rules,
    with_tags,
)


def _topic(call: Call, name: str) -> str:
    return call.arn(name)


def _publish(call: Call) -> Iterable[Authorization]:
    """Publish to a topic, an endpoint or, without either, a phone number."""
    target = call.parameters.get("TopicArn") or call.parameters.get("TargetArn")
    return (Authorization("sns:Publish", str(target or "*")),)


def _subscribe(call: Call) -> Iterable[Authorization]:
    context = given(call, sns__Endpoint="Endpoint", sns__Protocol="Protocol")
    return (Authorization("sns:Subscribe", call.text("TopicArn"), context),)


_TOPICS = rules(
    "sns",
    {
        by("TopicArn", _topic): """
            AddPermission ConfirmSubscription DeleteTopic GetTopicAttributes
            ListSubscriptionsByTopic PublishBatch=Publish RemovePermission
            SetTopicAttributes
        """,
        by("Name", _topic): "CreateTopic",
        by("ResourceArn", _topic): """
            GetDataProtectionPolicy ListTagsForResource PutDataProtectionPolicy
            TagResource UntagResource
        """,
        anything: """
            GetSubscriptionAttributes ListSubscriptions ListTopics
            SetSubscriptionAttributes Unsubscribe
        """,
    },
)
RULES = {
    **_TOPICS,
    **with_tags(_TOPICS, "CreateTopic TagResource"),
    "Publish": _publish,
    "Subscribe": _subscribe,
}
