"""SNS: topics by ARN; a subscription's own actions know no resources."""

from collections.abc import Iterable

from sam_harness.iam.call import (
    Authorization,
    Call,
    add_action,
    by,
    every,
    pass_role,
    rules,
)
from sam_harness.iam.service import (
    Errors,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
)


def _target(call: Call) -> str:
    """Return a topic, an endpoint or, without either, anything: a phone number."""
    target = call.parameters.get("TopicArn") or call.parameters.get("TargetArn")
    return str(target or "*")


def _set(call: Call) -> Iterable[Authorization]:
    """Need the topic, and to pass on a role in which SNS is to write its logs."""
    yield Authorization("sns:SetTopicAttributes", call.text("TopicArn"))
    role = call.parameters.get("AttributeValue")
    if role and call.text("AttributeName").endswith("FeedbackRoleArn"):
        yield pass_role(role, "sns")


RULES = rules(
    "sns",
    {
        by("TopicArn"): "PublishBatch=Publish",
        _target: "Publish",
        by("Name"): "CreateTopic",
        every("*"): "ListSubscriptions ListTopics",
    },
)
RULES["SetTopicAttributes"] = _set
add_action(RULES, "CreateTopic", "sns:TagResource", "Tags")

SERVICE = Service(
    name="sns",
    rules=RULES,
    names={"TopicArn": "{}", "ResourceArn": "{}"},
    # It writes its own prefix in capitals.
    errors=Errors(
        "AuthorizationError", action=lambda action: action.replace("sns:", "SNS:", 1)
    ),
    types={
        "AWS::SNS::Topic": ResourceType(
            "sns:{region}:{account}:{name}", "TopicName", ref="{arn}"
        ),
        "AWS::SNS::TopicPolicy": ResourceType(
            policies=lambda it: [
                (topic, it["PolicyDocument"]) for topic in it["Topics"]
            ]
        ),
    },
    policy=ResourcePolicy(
        lambda sns, arn: sns.get_topic_attributes(TopicArn=arn)["Attributes"].get(
            "Policy"
        ),
        absent=("NotFound", "NotFoundException"),
    ),
    tags=lambda sns, arn: sns.list_tags_for_resource(ResourceArn=arn).get("Tags"),
    harmless="Publish Subscribe Unsubscribe",
    samples={
        "Publish": SampleCall(lambda it: {"TopicArn": it.arn, "Message": "access"})
    },
)
