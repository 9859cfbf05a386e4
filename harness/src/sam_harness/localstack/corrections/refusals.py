"""What AWS refuses of a request, where LocalStack's own provider takes it.

CloudFormation's own calls pass here as well. Imports LocalStack where it is needed
only, as unit tests come without; each check is a ValueError with AWS's words.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from itertools import combinations
from typing import Any

from sam_harness.localstack.corrections import (
    constraints,
    policies,
    sqs_rules,
    state_machines,
)

type Request = Mapping[str, Any]

_EVENTS = ("events", "PutEvents")
_NOTICES = ("sns", "Publish")
_TELLING = {
    _EVENTS,
    _NOTICES,
    ("cloudwatch", "PutMetricData"),
    ("logs", "PutLogEvents"),
}
_TRUSTING = {
    ("stepfunctions", "CreateStateMachine"),
    ("stepfunctions", "UpdateStateMachine"),
}
_INPUTS = ("Input", "InputPath", "InputTransformer")
# Printable ASCII, less than 100 of it, and no space at first.
_SUBJECT = re.compile(r"[!-~][ -~]{0,98}")
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_VARIABLE = re.compile(r"[A-Za-z]\w+", re.ASCII)
_RESERVED = re.compile(
    "_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|"
    "AWS_((DEFAULT_)?REGION|EXECUTION_ENV|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|"
    "SESSION_TOKEN|LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|"
    "LOG_(GROUP|STREAM)_NAME|RUNTIME_API))"
)


def install() -> None:
    """Look at each request before its service does."""
    from localstack.aws import handlers  # noqa: PLC0415 - not in unit tests
    from localstack.aws.api import CommonServiceException  # noqa: PLC0415 - likewise

    def look(_chain: object, context: Any, _response: object) -> None:  # noqa: ANN401 - untyped
        if not (context.service and context.operation):
            return
        asked = context.service.service_name, context.operation.name
        # As S3 tells EventBridge, an alarm its topic, and a function its log.
        if asked in _TELLING and context.is_internal_call:
            return
        for code, said in policies.problems(*asked, context.service_request or {}):
            status = 409 if code == policies.EXCEEDED else 400
            raise CommonServiceException(code, said, status, sender_fault=True)
        code, status = constraints.SERVICES.get(asked[0], ""), 400
        try:
            if code:
                shape = context.operation.input_shape
                constraints.check(shape, context.service_request or {})
            if asked in _CHECKS:
                check, code, status = _CHECKS[asked]
                check(context.service_request)
            if asked in _TRUSTING:
                code = "AccessDeniedException"
                state_machines.check_trust(context.service_request, context.region)
        except ValueError as error:
            said = str(error)
            raise CommonServiceException(
                code, said, status, sender_fault=True
            ) from None

    handlers.serve_custom_service_request_handlers.append(look)


def _pattern(request: Request) -> None:
    """LocalStack reads a pattern at each event, and then loses every one of its bus.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
    """
    from localstack.services.events.event_rule_engine import (  # noqa: PLC0415 - as above
        EventPatternCompiler,
    )

    if pattern := request.get("EventPattern"):
        EventPatternCompiler().compile_event_pattern(pattern)  # as TestEventPattern


def _targets(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html."""
    for target in request["Targets"]:
        if sum(name in target for name in _INPUTS) > 1:
            raise ValueError(
                "Only one of Input, InputPath, or InputTransformer must be provided "
                f"for target {target['Id']}."
            )
        if ":states:" in target["Arn"] and not target.get("RoleArn"):
            raise ValueError(f"RoleArn is required for target {target['Arn']}.")
        try:
            json.loads(target.get("Input", "{}"))
        except ValueError:
            raise ValueError(
                f"JSON syntax error in input for target {target['Id']}"
            ) from None


def _events(request: Request) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
    for entry in request["Entries"]:
        if str(entry.get("Source")).startswith("aws."):
            raise ValueError(
                f"Not authorized for the source {entry['Source']}. (AWS answers with "
                "that entry as failed, the emulator refuses them all.)"
            )


def _subscription(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html."""
    protocol = request.get("Protocol")
    if str(request.get("TopicArn")).endswith(".fifo") and protocol != "sqs":
        raise ValueError(f"Invalid parameter: Invalid protocol type: {protocol}")


def _subject(request: Request) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""
    if not _SUBJECT.fullmatch(request.get("Subject") or "none"):
        raise ValueError("Invalid parameter: Subject")


def _notifications(request: Request) -> None:
    from localstack.aws.api.s3 import Event  # noqa: PLC0415 - not in unit tests

    check_notifications(request["NotificationConfiguration"], set(Event))


def check_notifications(told: Request, known: Collection[str]) -> None:
    """Check what a bucket tells to whom; ``known`` are the events that there are.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """
    # EventBridge's has no list.
    targets = [one for of in told.values() if isinstance(of, list) for one in of]
    if not all(event in known for one in targets for event in one["Events"]):
        raise ValueError("A specified event is not supported for notifications.")
    for one, other in combinations(targets, 2):
        if _same_event(one["Events"], other["Events"]) and _same_key(one, other):
            raise ValueError(
                "Configuration is ambiguously defined. Cannot have overlapping "
                "suffixes in two rules if the prefixes are overlapping for the same "
                "event type."
            )


def _same_event(some: list[str], others: list[str]) -> bool:
    return any(
        _begins(one.rstrip("*"), other.rstrip("*"))
        if "*" in one + other
        else one == other
        for one in some
        for other in others
    )


def _same_key(one: Request, other: Request) -> bool:
    (prefix, suffix), (another, ending) = _filter(one), _filter(other)
    return _begins(prefix, another) and _begins(suffix[::-1], ending[::-1])


def _filter(target: Request) -> tuple[str, str]:
    rules = target.get("Filter", {}).get("Key", {}).get("FilterRules") or ()
    said = {str(one.get("Name")).lower(): one.get("Value", "") for one in rules}
    return said.get("prefix", ""), said.get("suffix", "")


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _function(request: Request) -> None:
    """Refuse what AWS refuses of a function's configuration, and logs not had here."""
    _check_most(request, Timeout=900, MemorySize=10240)
    is_package = "Code" in request and request.get("PackageType") != "Image"
    if is_package and not (request.get("Runtime") and request.get("Handler")):
        raise ValueError(
            "Runtime and Handler are mandatory parameters for functions created with "
            "deployment packages."
        )
    level = (request.get("LoggingConfig") or {}).get("SystemLogLevel") or "INFO"
    if level != "INFO":
        raise ValueError(f"SystemLogLevel {level} cannot be had here, only INFO")
    for name in (request.get("Environment") or {}).get("Variables") or {}:
        reserved = _RESERVED.fullmatch(name)
        if reserved or not _VARIABLE.fullmatch(name):
            why = "reserved" if reserved else "none of [A-Za-z][A-Za-z0-9_]+"
            raise ValueError(f"The name of the environment variable {name} is {why}")


def _retries(request: Request) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html."""
    _check_most(request, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=21600)


def _check_most(request: Request, **limits: int) -> None:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    for name, most in limits.items():
        if (value := request.get(name) or 0) > most:
            member = f"{name[0].lower()}{name[1:]}"
            raise ValueError(
                f"1 validation error detected: Value '{value}' at '{member}' failed "
                f"to satisfy constraint: Member must have value less than or equal to "
                f"{most}"
            )


def _function_url(request: Request) -> None:
    if request.get("AuthType") == "AWS_IAM":
        raise ValueError(
            "A function URL of AuthType AWS_IAM cannot be had here: the emulator would "
            "serve every request to it, signed or not"
        )
    if request.get("InvokeMode") == "RESPONSE_STREAM":
        raise ValueError("A function URL that streams cannot be had here")


def _table_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html."""
    if request.get("ResourcePolicy") or request.get("Policy"):
        raise ValueError(
            "sam-harness does not emulate the policies of tables: no call would be"
            " checked against this one"
        )


def _legacy_filter(request: Request) -> None:
    """Moto stops after so many matches, not items; of several filters it takes any.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html
    """
    narrowed = "Limit" in request or request.get("ConditionalOperator") == "OR"
    if request.get("QueryFilter") or (request.get("ScanFilter") and narrowed):
        raise ValueError(
            "sam-harness does not emulate QueryFilter, nor ScanFilter with Limit or"
            " OR: use FilterExpression"
        )


_PARAMETER = "InvalidParameterValueException"
_QUEUE = (sqs_rules.check_queue, "InvalidAttributeValue", 400)
# Service and operation -> the check, and the error's code and status.
_CHECKS: Mapping[tuple[str, str], tuple[Callable[[Request], None], str, int]] = {
    ("dynamodb", "CreateTable"): (_table_policy, "InternalFailure", 501),
    ("dynamodb", "PutResourcePolicy"): (_table_policy, "InternalFailure", 501),
    ("dynamodb", "Query"): (_legacy_filter, "InternalFailure", 501),
    ("dynamodb", "Scan"): (_legacy_filter, "InternalFailure", 501),
    ("events", "PutRule"): (_pattern, "InvalidEventPatternException", 400),
    ("events", "PutTargets"): (_targets, "ValidationException", 400),
    _EVENTS: (_events, "NotAuthorizedForSourceException", 400),
    ("lambda", "CreateFunction"): (_function, _PARAMETER, 400),
    ("lambda", "UpdateFunctionConfiguration"): (_function, _PARAMETER, 400),
    ("lambda", "PutFunctionEventInvokeConfig"): (_retries, "ValidationException", 400),
    ("lambda", "CreateFunctionUrlConfig"): (_function_url, _PARAMETER, 400),
    ("lambda", "UpdateFunctionUrlConfig"): (_function_url, _PARAMETER, 400),
    ("s3", "PutBucketNotificationConfiguration"): (
        _notifications,
        "InvalidArgument",
        400,
    ),
    _NOTICES: (_subject, "InvalidParameter", 400),
    ("sns", "Subscribe"): (_subscription, "InvalidParameter", 400),
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
    ("sqs", "SendMessage"): (sqs_rules.check_message, _PARAMETER, 400),
    ("sqs", "ReceiveMessage"): (sqs_rules.check_receive, _PARAMETER, 400),
    ("sqs", "ChangeMessageVisibility"): (sqs_rules.check_hidden, _PARAMETER, 400),
    ("stepfunctions", "CreateStateMachine"): (
        state_machines.check,
        "InvalidDefinition",
        400,
    ),
    ("stepfunctions", "UpdateStateMachine"): (
        state_machines.check,
        "InvalidDefinition",
        400,
    ),
}
