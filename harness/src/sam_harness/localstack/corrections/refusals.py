"""What AWS refuses of a service whose provider is LocalStack's own.

CloudFormation's own calls pass here as well.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.http import Response
from localstack.services.events.event_rule_engine import EventPatternCompiler

from sam_harness.localstack.corrections import state_machine_rules

type Request = Mapping[str, Any]

_EVENTS = ("events", "PutEvents")
_INPUTS = ("Input", "InputPath", "InputTransformer")
# What TestEventPattern asks.
_compiler = EventPatternCompiler()
# Printable ASCII, less than 100 of it, and no space at first.
_SUBJECT = re.compile(r"[!-~][ -~]{0,98}")


def install() -> None:
    """Look at each request before its service does."""
    handlers.serve_custom_service_request_handlers.append(_look)


def _look(_chain: object, context: RequestContext, _response: Response) -> None:
    if context.service and context.operation:
        asked = context.service.service_name, context.operation.name
        own = asked == _EVENTS and context.is_internal_call  # as S3 tells EventBridge
        if (check := _CHECKS.get(asked)) and not own:
            check(context.service_request)


def _pattern(request: Request) -> None:
    """LocalStack reads a pattern at each event, and then loses every one of its bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    if pattern := request.get("EventPattern"):
        _compiler.compile_event_pattern(pattern)


def _targets(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html."""
    for target in request["Targets"]:
        if problem := _problem(target):
            raise CommonServiceException("ValidationException", problem)


def _problem(target: Request) -> str | None:
    if sum(name in target for name in _INPUTS) > 1:
        return (
            "Only one of Input, InputPath, or InputTransformer must be provided for "
            f"target {target['Id']}."
        )
    if ":states:" in target["Arn"] and not target.get("RoleArn"):
        return f"RoleArn is required for target {target['Arn']}."
    try:
        json.loads(target.get("Input", "{}"))
    except ValueError:
        return f"JSON syntax error in input for target {target['Id']}"
    return None


def _events(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    for entry in request["Entries"]:
        if str(entry.get("Source")).startswith("aws."):
            raise CommonServiceException(
                "NotAuthorizedForSourceException",
                f"Not authorized for the source {entry['Source']}. (AWS answers with "
                "that entry as failed, the emulator refuses them all.)",
            )


def _subscription(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html."""
    protocol = request.get("Protocol")
    if str(request.get("TopicArn")).endswith(".fifo") and protocol != "sqs":
        raise CommonServiceException(
            "InvalidParameter",
            f"Invalid parameter: Invalid protocol type: {protocol}",
            sender_fault=True,
        )


def _subject(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    if not _SUBJECT.fullmatch(request.get("Subject") or "none"):
        raise CommonServiceException(
            "InvalidParameter", "Invalid parameter: Subject", sender_fault=True
        )


def _receive(request: Request) -> None:
    """LocalStack refuses too many, and takes none for one."""
    if request.get("MaxNumberOfMessages") == 0:
        raise CommonServiceException(
            "InvalidParameterValue",
            "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be "
            "between 1 and 10, if provided.",
            sender_fault=True,
        )


def _machine(request: Request) -> None:
    try:
        said = json.loads(request.get("definition") or "{}")
    except ValueError:  # LocalStack says so
        return
    if not isinstance(said, dict) or not said:
        return
    for problem in state_machine_rules.problems(said):
        raise CommonServiceException(
            "InvalidDefinition", f"Invalid State Machine Definition: '{problem}'"
        )


_CHECKS: Mapping[tuple[str, str], Callable[[Request], None]] = {
    ("events", "PutRule"): _pattern,
    ("events", "PutTargets"): _targets,
    _EVENTS: _events,
    ("stepfunctions", "CreateStateMachine"): _machine,
    ("stepfunctions", "UpdateStateMachine"): _machine,
    ("sns", "Publish"): _subject,
    ("sns", "Subscribe"): _subscription,
    ("sqs", "ReceiveMessage"): _receive,
}
