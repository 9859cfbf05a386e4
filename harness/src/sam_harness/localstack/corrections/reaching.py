"""Whom a service is to tell: what AWS refuses, and what nothing here would reach.

Imports LocalStack where it is needed only, as unit tests come without; each check is a
ValueError with the reason.
"""

import json
from collections.abc import Mapping
from typing import Any

from sam_harness.localstack.stacks.proof import PROOF

type Request = Mapping[str, Any]

_INPUTS = ("Input", "InputPath", "InputTransformer")
_TARGETS = "AWS::Events::Rule.Targets"
_KEPT = {"DeadLetterConfig", "RetryPolicy"}
_BOTH = "AWS::Events::Rule.EventPattern"
_REACHED = {"events", "execute-api", "lambda", "logs", "sns", "sqs", "states"}
_SENT = {"aws.s3", "aws.ssm", "aws.states"}  # as sources of events
# https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_UNSENT = {"application", "email", "email-json", "sms"}


def check_events(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    for entry in request["Entries"]:
        if str(entry.get("Source")).startswith("aws."):
            raise ValueError(
                f"Not authorized for the source {entry['Source']}. (AWS answers with "
                "that entry as failed, the emulator refuses them all.)"
            )


def check_bus(account: str, region: str, request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html."""
    from localstack.services.events import models  # noqa: PLC0415 - not in unit tests

    bus = models.events_stores[account][region].event_buses.get(request["Name"])
    if bus and bus.rules:
        raise ValueError("EventBus can't be deleted since it has rules.")


def keep_targets(account: str, region: str, request: Request) -> None:
    """Have LocalStack keep what nothing here calls, as it has it of some kinds."""
    from localstack.services.events import target  # noqa: PLC0415 - not in unit tests
    from localstack.utils.aws import arns  # noqa: PLC0415 - likewise

    check_targets(account, region, request)
    senders = target.TargetSenderFactory
    for one in request["Targets"]:
        service = arns.extract_service_from_arn(one["Arn"])  # None: as of "unknown"
        if service not in senders.target_map:
            senders.register_target_sender(service, target.BatchTargetSender)


def check_targets(account: str, _region: str, request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html."""
    for target in request["Targets"]:
        if sum(name in target for name in _INPUTS) > 1:
            raise ValueError(
                "Only one of Input, InputPath, or InputTransformer must be provided "
                f"for target {target['Id']}."
            )
        is_machine = target["Arn"].split(":")[2:3] == ["states"]
        if is_machine and not target.get("RoleArn"):
            raise ValueError(f"RoleArn is required for target {target['Arn']}.")
        try:
            json.loads(target.get("Input", "{}"))
        except ValueError:
            raise ValueError(
                f"JSON syntax error in input for target {target['Id']}"
            ) from None
        for name in _KEPT & target.keys():
            PROOF.note(account, f"{_TARGETS}.{name}")
        if not is_reached(arn := target["Arn"]):
            why = f"no event would reach {arn}: the emulator calls nothing of that kind"
            PROOF.ask_leave(account, _TARGETS, why)


def is_reached(arn: str) -> bool:
    """Tell whether the emulator calls targets of that kind."""
    _, _, service, *_, resource = f"{arn}:::::".split(":", 5)
    # To EventBridge itself belongs what it does to EC2.
    return service in _REACHED and not resource.startswith("target/")


def check_rule(account: str, _region: str, request: Request) -> None:
    """AWS looks at pattern and schedule, and sends events of more services than we do.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    """
    pattern = json.loads(request.get("EventPattern") or "{}")
    named = {one for one in pattern.get("source", ()) if isinstance(one, str)}
    for source in sorted(one for one in named - _SENT if one.startswith("aws.")):
        PROOF.tell(account, f"{_BOTH}: the emulator sends no event of {source}")
    if request.get("EventPattern") and request.get("ScheduleExpression"):
        why = (
            "the emulator looks at no event for a rule that has a schedule: put the "
            "pattern into a rule of its own"
        )
        PROOF.ask_leave(account, _BOTH, why)


def check_alarm(account: str, _region: str, request: Request) -> None:
    """Tell of the actions that an alarm does not carry out here.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    is_composite = "AlarmRule" in request
    carried_out = {"sns"} if is_composite else {"lambda", "sns"}
    kind = f"AWS::CloudWatch::{'CompositeAlarm' if is_composite else 'Alarm'}"
    for name in ("AlarmActions", "InsufficientDataActions", "OKActions"):
        for arn in request.get(name) or ():
            if f"{arn}:::".split(":")[2] not in carried_out:
                said = f"{arn} is kept, but never carried out"
                PROOF.tell(account, f"{kind}.{name}: {said}")


def check_subscription(account: str, _region: str, request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html."""
    protocol, topic = request.get("Protocol"), str(request.get("TopicArn"))
    if topic.endswith(".fifo") and protocol != "sqs":
        raise ValueError(f"Invalid parameter: Invalid protocol type: {protocol}")
    if protocol == "firehose":
        raise ValueError(
            "sam-harness does not emulate Firehose: no message would arrive"
        )
    if protocol in _UNSENT:
        PROOF.tell(
            account,
            f"AWS::SNS::Subscription.Protocol: {protocol} is kept, but not sent",
        )
