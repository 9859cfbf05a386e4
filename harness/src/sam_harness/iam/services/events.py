"""EventBridge: rules belong to an event bus, which is the default one if none is named.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-manage-iam-access.html
"""

import json
from collections.abc import Iterable
from typing import Any

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    add_action,
    add_keys,
    by,
    every,
    items,
    pass_role,
    rules,
    strings,
    values,
)
from sam_harness.iam.service import (
    JSON,
    Document,
    Properties,
    ResourcePolicy,
    ResourceType,
    SampleCall,
    Service,
    Subject,
)

_DEFAULT = "default"
_BUS = "event-bus/{}"


def _rule(call: Call) -> str:
    name = call.text("Rule" if call.parameters.get("Rule") else "Name")
    bus = str(call.parameters.get("EventBusName") or _DEFAULT)
    place, _, bus = bus.rpartition("event-bus/")
    return f"{place or call.arn('')}rule/{name if bus == _DEFAULT else f'{bus}/{name}'}"


def _put_events(call: Call) -> Iterable[Authorization]:
    """Need the permission for each event, on the bus that it is put on."""
    events = [values(one) for one in items(call.parameters.get("Entries"))]
    if not events:
        raise MissingResource("events:PutEvents without events")
    for event in events:
        bus = str(event.get("EventBusName") or _DEFAULT)
        arn = bus if bus.startswith("arn:") else call.arn(_BUS.format(bus))
        keys = {"events:source": "Source", "events:detail-type": "DetailType"}
        context = {key: (str(event.get(name) or ""),) for key, name in keys.items()}
        yield Authorization("events:PutEvents", arn, context)


def _put_targets(call: Call) -> Iterable[Authorization]:
    """Need the rule, and to pass the roles that EventBridge uses for the targets."""
    targets = [values(one) for one in items(call.parameters.get("Targets"))]
    arns = strings([one.get("Arn") for one in targets])
    yield Authorization("events:PutTargets", _rule(call), {"events:TargetArn": arns})
    for role in strings([one.get("RoleArn") for one in targets]):
        yield pass_role(role, "events")


def _put_rule(call: Call) -> Iterable[Authorization]:
    try:
        pattern = json.loads(str(call.parameters.get("EventPattern") or "{}"))
    except ValueError:
        pattern = {}  # EventBridge does not take it
    keys = {"events:source": "source", "events:detail-type": "detail-type"}
    context = {key: strings(values(pattern).get(name)) for key, name in keys.items()}
    yield Authorization("events:PutRule", _rule(call), context)


RULES = rules(
    "events",
    {
        _rule: """
            DeleteRule DescribeRule DisableRule EnableRule ListTargetsByRule
            RemoveTargets
        """,
        every("rule/*"): "ListRules",
        by("Name", arn=_BUS, default=_DEFAULT): "DescribeEventBus",
    },
)
RULES |= {"PutEvents": _put_events, "PutRule": _put_rule, "PutTargets": _put_targets}
add_keys(
    RULES,
    "DeleteRule DescribeRule DisableRule EnableRule ListTargetsByRule PutRule"
    " PutTargets RemoveTargets",
    # Only services of AWS make rules that they manage.
    lambda call: {"events:creatorAccount": (call.account,), "events:ManagedBy": ()},
)
add_action(RULES, "PutRule", "events:TagResource", "Tags")


def _read_policy(events: Any, arn: str) -> str | None:  # noqa: ANN401 - boto3's client
    _, is_bus, name = arn.partition(":event-bus/")
    return events.describe_event_bus(Name=name).get("Policy") if is_bus else None


def _policies(properties: Properties) -> Iterable[tuple[str, Document]]:
    statement = properties.get("Statement") or {
        "Effect": "Allow",
        "Principal": {"AWS": properties.get("Principal", "*")},
        "Action": properties.get("Action", "events:PutEvents"),
        "Resource": "*",  # it is attached to the bus
    }
    if bus := properties.get("EventBusName"):
        yield bus, {"Version": "2012-10-17", "Statement": [statement]}


def _an_event(it: Subject) -> dict[str, Any]:
    event = {"Source": "access", "DetailType": "access", "Detail": "{}"}
    return {"Entries": [{**event, "EventBusName": it.name}]}


def _of_rule(it: Subject, parameter: str = "Name") -> dict[str, Any]:
    bus, _, name = it.arn.partition(":rule/")[2].rpartition("/")
    return {parameter: name, "EventBusName": bus or _DEFAULT}


_NOT_FOUND = ("ResourceNotFoundException",)

SERVICE = Service(
    name="events",
    rules=RULES,
    names={"Name": _BUS, "ArchiveName": "archive/{}", "ResourceARN": "{}"},
    passes="RoleArn",
    errors=JSON,
    types={
        "AWS::Events::EventBus": ResourceType(
            "events:{region}:{account}:event-bus/{name}", "Name"
        ),
        "AWS::Events::EventBusPolicy": ResourceType(policies=_policies),
        "AWS::Events::Rule": ResourceType(
            "events:{region}:{account}:rule/{name}", "Name"
        ),
    },
    policy=ResourcePolicy(_read_policy, absent=_NOT_FOUND),
    tags=lambda events, arn: events.list_tags_for_resource(ResourceARN=arn).get("Tags"),
    harmless="PutEvents TestEventPattern",
    samples={
        "PutEvents": SampleCall(_an_event),
        "DescribeRule": SampleCall(_of_rule, _NOT_FOUND),
        "ListTargetsByRule": SampleCall(lambda it: _of_rule(it, "Rule"), _NOT_FOUND),
        "DescribeEventBus": SampleCall(lambda it: {"Name": it.name}, _NOT_FOUND),
        "ListRules": SampleCall(lambda _: {}),
        "DeleteRule": SampleCall(_of_rule, destroys=True),
    },
)
