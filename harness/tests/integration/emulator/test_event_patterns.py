"""Event patterns: of EventBridge's rules, Lambda's filters and SNS's subscriptions.

Each of these LocalStack matches otherwise, or not at all: it loses the event.
"""

import json
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import Functions
from harness.tests.integration.emulator.templates import OPEN
from sam_harness.waiting import wait_until

IGNORED_CASE: dict[str, Any] = {"prefix": {"equals-ignore-case": "a"}}
# A pattern of an event's detail, one that it matches and one that it does not.
ASKED: list[tuple[dict[str, Any], object, object]] = [
    ({"n": [1]}, {"n": 1.0}, {"n": True}),
    ({"n": [IGNORED_CASE, {"exists": False}]}, {}, {"n": 5}),
    ({"n": [{"wildcard": "a*c"}]}, {"n": "ac"}, {"n": "acd"}),
    ({"n": [{"cidr": "10.0.0.7/24"}]}, {"n": "10.0.0.8"}, {"n": "10.0.1.8"}),
    (
        {"of": {"a": [1], "b": [2]}},
        {"of": [{"a": 1, "b": 2}]},
        {"of": [{"a": 1}, {"b": 2}]},
    ),
]


def _received(sqs: Any, url: str, least: int) -> list[str]:  # noqa: ANN401 - boto3's client
    bodies: list[str] = []

    def receive() -> list[str]:
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
        for one in got.get("Messages", []):
            bodies.append(one["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return sorted(bodies)

    return wait_until(
        receive, lambda seen: len(seen) >= least, what="messages", timeout_s=30
    )


@pytest.mark.parametrize(("detail", "matched", "other"), ASKED)
def test_a_pattern_matches_as_on_aws(
    session: boto3.Session, detail: dict[str, Any], matched: object, other: object
) -> None:
    """As TestEventPattern tells, which asks what rules ask."""
    names = ("id", "account", "source", "time", "region", "detail-type")
    event = dict.fromkeys(names, "a")
    seen = [
        session.client("events").test_event_pattern(
            EventPattern=json.dumps({"detail": detail}),
            Event=json.dumps(event | {"detail": told}),
        )["Result"]
        for told in (matched, other)
    ]
    assert seen == [True, False]


def test_an_event_is_not_lost_to_a_condition_for_texts(
    session: boto3.Session, stack_name: str
) -> None:
    """LocalStack fails at a number, and then no rule of the bus sees the event."""
    events, queues = session.client("events"), session.client("sqs")
    patterns = [
        {"detail": {"n": [IGNORED_CASE]}, "source": [stack_name]},
        {"detail": {"n": [5]}, "source": [stack_name]},
    ]
    url = queues.create_queue(QueueName=stack_name, Attributes={"Policy": OPEN})
    arn = queues.get_queue_attributes(
        QueueUrl=url["QueueUrl"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    for number, pattern in enumerate(patterns):
        name = f"{stack_name}-{number}"
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        target: Any = {"Id": "queue", "Arn": arn, "Input": f'"rule {number}"'}
        events.put_targets(Rule=name, Targets=[target])

    for detail in ('{"n": 5}', '{"n": "A"}'):
        events.put_events(
            Entries=[{"Source": stack_name, "DetailType": "d", "Detail": detail}]
        )

    assert _received(queues, url["QueueUrl"], 2) == ['"rule 0"', '"rule 1"']


@pytest.mark.parametrize("pattern", [{"$or": ["a"]}, {"detail": {}}])
@pytest.mark.parametrize("call", ["put_rule", "test_event_pattern"])
def test_what_is_no_pattern_is_refused(
    session: boto3.Session, stack_name: str, pattern: object, call: str
) -> None:
    """LocalStack fails at the first, and matches each event with the second."""
    other = {"Name": stack_name} if call == "put_rule" else {"Event": "{}"}
    with pytest.raises(ClientError, match=r"InvalidEventPatternException.*allowed"):
        getattr(session.client("events"), call)(
            EventPattern=json.dumps(pattern), **other
        )


def test_a_mapping_drops_what_its_filter_does_not_match(
    functions: Functions, session: boto3.Session
) -> None:
    """Nor does a filter that looks into JSON match a text, whatever it asks.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
    """
    sqs, client = session.client("sqs"), session.client("lambda")
    queue = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    asked: Any = {"QueueUrl": queue, "AttributeNames": ["All"]}
    function = functions.create("""
        def handler(event, context):
            for record in event["Records"]:
                print("got", record["body"])
    """)
    pattern = {"body": {"n": [IGNORED_CASE, {"exists": False}]}}
    mapping = client.create_event_source_mapping(
        EventSourceArn=sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"],
        FunctionName=function.name,
        FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]},
    )

    for body in ("a text", '{"n": 5}', '{"n": "A"}', "{}"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)

    assert function.log(until="got {}")
    left: Any = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    wait_until(
        lambda: sqs.get_queue_attributes(**asked)["Attributes"],
        lambda seen: all(seen[one] == "0" for one in left),
        what="an empty queue",
        timeout_s=10,
    )
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    log = function.log(until='got {"n": "A"}')
    assert sorted(one.strip() for one in log if one.startswith("got")) == [
        'got {"n": "A"}',
        "got {}",
    ]


def test_a_filter_that_lambda_does_not_know_is_refused(
    functions: Functions, session: boto3.Session
) -> None:
    """When a mapping is made, and when it is changed."""
    sqs, client = session.client("sqs"), session.client("lambda")
    queue = sqs.create_queue(QueueName=f"queue-{uuid4().hex[:8]}")["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    made: Any = {
        "EventSourceArn": told["Attributes"]["QueueArn"],
        "FunctionName": functions.create("def handler(*_): pass").name,
    }
    wrong: Any = {"Filters": [{"Pattern": '{"body": {"a": [{"anything_but": "b"}]}}'}]}
    said = "InvalidParameterValueException.*Invalid filter pattern definition"

    with pytest.raises(ClientError, match=said):
        client.create_event_source_mapping(FilterCriteria=wrong, **made)
    mapping = client.create_event_source_mapping(**made)["UUID"]
    with pytest.raises(ClientError, match=said):
        client.update_event_source_mapping(UUID=mapping, FilterCriteria=wrong)
    client.delete_event_source_mapping(UUID=mapping)


@pytest.mark.parametrize("scope", ["MessageBody", "MessageAttributes"])
def test_a_message_is_for_the_subscriptions_whose_policies_it_matches(
    session: boto3.Session, stack_name: str, scope: str
) -> None:
    """A number where a text is asked for fails no Publish.

    https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """
    sns, sqs = session.client("sns"), session.client("sqs")
    topic = sns.create_topic(Name=stack_name)["TopicArn"]
    queue = sqs.create_queue(QueueName=stack_name, Attributes={"Policy": OPEN})
    url: Any = {"QueueUrl": queue["QueueUrl"]}
    told = sqs.get_queue_attributes(**url, AttributeNames=["QueueArn"])
    policy = {"n": [{"suffix": "x"}, {"prefix": "x"}, 6]}
    subscribed: Any = {"TopicArn": topic, "Protocol": "sqs"}
    made = sns.subscribe(
        **subscribed,
        Endpoint=told["Attributes"]["QueueArn"],
        Attributes={
            "FilterPolicy": json.dumps(policy),
            "FilterPolicyScope": scope,
            "RawMessageDelivery": "true",
        },
    )["SubscriptionArn"]

    for number in (5, 6, 6.0):
        attribute: Any = {"DataType": "Number", "StringValue": str(number)}
        sns.publish(
            TopicArn=topic,
            Message=json.dumps({"n": number}),
            MessageAttributes={"n": attribute},
        )

    assert _received(sqs, url["QueueUrl"], 2) == ['{"n": 6.0}', '{"n": 6}']
    wrong, said = json.dumps({"$or": ["a"]}), r"InvalidParameter\).*FilterPolicy: "
    with pytest.raises(ClientError, match=said):
        sns.subscribe(**subscribed, Endpoint=topic, Attributes={"FilterPolicy": wrong})
    with pytest.raises(ClientError, match=said):
        sns.set_subscription_attributes(
            SubscriptionArn=made, AttributeName="FilterPolicy", AttributeValue=wrong
        )


@pytest.mark.parametrize(
    ("condition", "attributes"),
    [
        ({"exists": False}, {"other": ("String", "x")}),
        ("b", {"field": ("String.Array", '["a", "b"]')}),
        ({"numeric": [">", 4]}, {"field": ("Number", "+5")}),
        ({"exists": False}, {"other": ("String", "x"), "field": ("Binary", b"x")}),
    ],
)
def test_a_message_is_for_a_subscription_by_its_attributes(
    session: boto3.Session,
    stack_name: str,
    condition: object,
    attributes: dict[str, tuple[str, object]],
) -> None:
    """One without any is for no policy, and SNS looks at no Binary.

    https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
    """
    sns, sqs = session.client("sns"), session.client("sqs")
    topic = sns.create_topic(Name=stack_name)["TopicArn"]
    queue = sqs.create_queue(QueueName=stack_name, Attributes={"Policy": OPEN})
    url = queue["QueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=told["Attributes"]["QueueArn"],
        Attributes={
            "FilterPolicy": json.dumps({"field": [condition]}),
            "RawMessageDelivery": "true",
        },
    )
    given: Any = {
        name: {
            "DataType": kind,
            "BinaryValue" if kind == "Binary" else "StringValue": value,
        }
        for name, (kind, value) in attributes.items()
    }

    for text, has in (("without", {}), ("with", given)):
        sns.publish(TopicArn=topic, Message=text, MessageAttributes=has)

    assert _received(sqs, url, 1) == ["with"]
