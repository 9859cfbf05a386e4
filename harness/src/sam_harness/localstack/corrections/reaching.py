"""Whom a service is to tell: what AWS refuses, and what nothing here would reach.

Imports no LocalStack; each check is a ValueError with the reason.
"""

import json
from collections.abc import Mapping
from typing import Any

from sam_harness.localstack.stacks.proof import PROOF, kept_in_vain, without

type Request = Mapping[str, Any]

_INPUTS = ("Input", "InputPath", "InputTransformer")
_TARGETS = "AWS::Events::Rule.Targets"
_SCHEDULED = "AWS::Scheduler::Schedule.Target"
_REACHED = {"events", "execute-api", "lambda", "logs", "sns", "sqs", "states"}
# https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
_UNSENT = {"application", "email", "email-json", "sms"}


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
        _check_reached(target["Arn"], account)


def _check_reached(arn: str, account: str) -> None:
    _, _, service, *_, resource = f"{arn}:::::".split(":", 5)
    # To EventBridge itself belongs what it does to EC2.
    if service in _REACHED and not resource.startswith("target/"):
        return
    why = f"no event would reach {arn}: the emulator calls nothing of that kind"
    if not PROOF.allows("", *_TARGETS.split(".")):
        raise ValueError(without(_TARGETS, why))
    PROOF.tell(account, f"{_TARGETS}: {why}")


def check_schedule(_: Request) -> None:
    """Refuse a schedule that the caller would wait for in vain."""
    if not PROOF.allows("", *_SCHEDULED.split(".")):
        raise ValueError(without(_SCHEDULED, kept_in_vain()[_SCHEDULED]))


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
