"""CloudFormation's rules of EventBridge, on a bus of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.templates import OPEN
from sam_harness.deploying.deploy import Deployer
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact
from sam_harness.waiting import wait_until

type Resources = dict[str, Any]
# Takes the rules by their logical ids.
type Write = Callable[..., Artefact]


def rule(pattern: dict[str, Any], *queues: str) -> Resources:
    """Return a rule with these queues as its targets."""
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": pattern,
            "Targets": [
                {"Id": name, "Arn": {"Fn::GetAtt": f"{name}.Arn"}} for name in queues
            ],
        },
    }


@pytest.fixture
def stack() -> str:
    """Return a name, for the stack and its bus."""
    return f"rules-{uuid4().hex[:8]}"


@pytest.fixture
def template(stack: str, tmp_path: Path) -> Write:
    """Return what makes a template of the bus, two queues and a rule."""
    queues = {name: {"Type": "AWS::SQS::Queue"} for name in ("One", "Other")}
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": stack}}
    written = tmp_path / "template.json"

    def write(**rules: Resources) -> Artefact:
        written.write_text(json.dumps({"Resources": {"Bus": bus, **queues, **rules}}))
        return Artefact("key", written)

    return write


@pytest.fixture
def deployer(session: boto3.Session, account_id: str) -> Deployer:
    """Return what deploys the templates."""
    return Deployer(session, account_id)


def test_a_rule_is_changed_and_deleted_where_it_is(
    deployer: Deployer,
    template: Write,
    session: boto3.Session,
    stack: str,
) -> None:
    """With matchers that LocalStack's provider does not know."""
    events, owner = session.client("events"), {"EventBusName": stack}
    first = {"source": ["a"]}
    deployer.deploy(template(Rule=rule(first, "One", "Other")), stack, {})
    second = {"source": [{"wildcard": "b*"}], "detail": {"x": [{"numeric": [">", 0]}]}}

    deployer.deploy(template(Rule=rule(second, "Other")), stack, {})

    (there,) = events.list_rules(**owner)["Rules"]
    targets = events.list_targets_by_rule(Rule=there["Name"], **owner)["Targets"]
    assert json.loads(there["EventPattern"]) == second
    assert [one["Id"] for one in targets] == ["Other"]

    deployer.deploy(template(), stack, {})

    assert events.list_rules(**owner)["Rules"] == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({"source": "a"}, '"source" must be an object or an array'),
        ({"detail": {"x": []}}, "Empty arrays are not allowed"),
    ],
)
def test_a_pattern_that_aws_refuses_is_refused(
    deployer: Deployer,
    template: Write,
    stack: str,
    pattern: dict[str, Any],
    reason: str,
) -> None:
    """LocalStack would put a list around it, or match nothing."""
    with pytest.raises(HarnessError, match=f"Event pattern is not valid.*{reason}"):
        deployer.deploy(template(Rule=rule(pattern, "One")), stack, {})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({"source": [{"anything_but": "a"}]}, "Unrecognized match type anything_but"),
        ({"detail": {"x": [{"numeric": [">", "1"]}]}}, "Value of > must be numeric"),
    ],
)
def test_a_matcher_that_there_is_not_is_refused(
    session: boto3.Session, stack: str, pattern: object, reason: str
) -> None:
    """LocalStack would take it, and lose every event of its bus."""
    events = session.client("events")
    with pytest.raises(ClientError, match=f"InvalidEventPattern.*{reason}"):
        events.put_rule(Name=stack, EventPattern=json.dumps(pattern))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"Input": "hello"}, "JSON syntax error"),
        ({"Input": "{}", "InputPath": "$.detail"}, "Only one of Input"),
        ({"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:s"}, "RoleArn"),
        ({"Arn": "arn:aws:ecs:us-east-1:000000000000:cluster/c"}, "nothing of that"),
        ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "nothing of that"),
        ({"Arn": "unknown"}, "nothing of that"),  # that of what is only pretended
        (
            {"Arn": "arn:aws:events:us-east-1:000000000000:target/stop-instance"},
            "no ev",
        ),
    ],
)
def test_a_target_that_cannot_be_called_is_refused(
    session: boto3.Session, stack: str, said: dict[str, str], reason: str
) -> None:
    """LocalStack would take it, and call nothing; nor would AWS call the first three.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
    """
    events = session.client("events")
    events.put_rule(Name=stack, EventPattern='{"source": ["a"]}')
    target: Any = {"Id": "a", "Arn": "arn:aws:sqs:us-east-1:000000000000:q", **said}
    with pytest.raises(ClientError, match=f"ValidationException.*{reason}"):
        events.put_targets(Rule=stack, Targets=[target])


def test_a_rule_without_the_group_of_its_fifo_queue_is_refused(
    deployer: Deployer, template: Write, stack: str
) -> None:
    """LocalStack would make it, and send nothing."""
    made = rule({"source": ["a"]})
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}
    made["Properties"]["Targets"] = [{"Id": "a", "Arn": {"Fn::GetAtt": "Fifo.Arn"}}]
    with pytest.raises(HarnessError, match="SqsParameters must be specified"):
        deployer.deploy(template(Fifo=queue, Rule=made), stack, {})


def test_a_bus_has_the_statement_of_each_policy(
    deployer: Deployer, template: Write, stack: str, session: boto3.Session
) -> None:
    """LocalStack would leave the last, and find no default bus."""
    policies: Resources = {
        f"Policy{number}": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": f"s{number}",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "events:PutEvents",
                    "Resource": {"Fn::GetAtt": "Bus.Arn"},
                },
            },
        }
        for number, account in enumerate(["111122223333", "444455556666"])
    }
    plain = {"StatementId": stack, "Action": "events:PutEvents", "Principal": "*"}
    policies["OfDefault"] = {"Type": "AWS::Events::EventBusPolicy", "Properties": plain}
    deployer.deploy(template(**policies), stack, {})

    events = session.client("events")
    of_both, of_default = (
        json.loads(events.describe_event_bus(Name=name)["Policy"])["Statement"]
        for name in (stack, "default")
    )
    deployer.deploy(template(Policy1=policies["Policy1"]), stack, {})
    of_one = json.loads(events.describe_event_bus(Name=stack)["Policy"])["Statement"]

    assert {one["Sid"] for one in of_both} == {"s0", "s1"}
    assert stack in {one["Sid"] for one in of_default}
    assert [one["Sid"] for one in of_one] == ["s1"]


def test_a_number_is_put_into_a_text(
    deployer: Deployer, template: Write, stack: str, session: boto3.Session
) -> None:
    """LocalStack would lose the event; see events_templates."""
    made, said = rule({"source": ["a"]}, "One"), '{"a": "<n><x>, <d>", "at": <d>}'
    paths = {"n": "$.detail.n", "d": "$.detail", "x": "$.detail.x"}
    transformer = {"InputPathsMap": paths, "InputTemplate": said}
    made["Properties"]["Targets"][0]["InputTransformer"] = transformer
    policy = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "One"}],
            "PolicyDocument": json.loads(OPEN),
        },
    }
    url = deployer.deploy(template(Rule=made, May=policy), stack, {}).resources["One"]

    session.client("events").put_events(
        Entries=[
            {
                "EventBusName": stack,
                "Source": "a",
                "DetailType": "d",
                "Detail": '{"n": 0}',
            }
        ]
    )

    sqs = session.client("sqs")
    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
    assert [json.loads(one["Body"]) for one in got] == [
        {"a": "0, {n:0}", "at": {"n": 0}}
    ]


@pytest.mark.parametrize("given", ["{}", "0"])
def test_an_empty_input_is_sent_as_any_other(
    session: boto3.Session, stack: str, given: str
) -> None:
    """LocalStack would call no function of a schedule that has nothing to tell."""
    events, sqs = session.client("events"), session.client("sqs")
    url = sqs.create_queue(QueueName=stack, Attributes={"Policy": OPEN})["QueueUrl"]
    asked: Any = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**asked)["Attributes"]["QueueArn"]
    events.put_rule(Name=stack, EventPattern=json.dumps({"source": [stack]}))
    target: Any = {"Id": "queue", "Arn": arn, "Input": given}
    events.put_targets(Rule=stack, Targets=[target])

    entry: Any = {"Source": stack, "DetailType": "d", "Detail": "{}"}
    events.put_events(Entries=[entry])

    [got] = wait_until(
        lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"),
        bool,
        what="a message",
        timeout_s=30,
    )
    assert got["Body"] == given
