"""What SQS refuses when a queue is told its policies, or is sent a message.

Imports no LocalStack, as unit tests do. Every function raises ValueError with the
reason, in AWS's words where AWS has published them.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

type Attributes = Mapping[str, str]
# Returns the attributes of a queue by its ARN; None: there is none.
type Find = Callable[[str], Attributes | None]

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MOST_ATTRIBUTES = 10
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_RECEIVES = range(1, 1001)
_COUNT = re.compile(r'("maxReceiveCount"\s*:\s*)"(\d+)"')
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES = 10

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
_MOST_SECONDS = {"DelaySeconds": 900, "VisibilityTimeout": 43200}
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
_OF_A_QUEUE = {
    "DelaySeconds": range(901),
    "KmsDataKeyReusePeriodSeconds": range(60, 86401),
    "MaximumMessageSize": range(1024, 1048577),
    "MessageRetentionPeriod": range(60, 1209601),
    "ReceiveMessageWaitTimeSeconds": range(21),
    "VisibilityTimeout": range(43201),
}


def check_queue(request: Mapping[str, Any]) -> None:
    """Check what a queue's own attributes are to be, by the call that says it."""
    for name, value in (request.get("Attributes") or {}).items():
        allowed = _OF_A_QUEUE.get(name)
        if allowed and not (str(value).isdecimal() and int(value) in allowed):
            raise ValueError(f"Invalid value for the parameter {name}.")


def counted(attributes: Attributes) -> dict[str, str]:
    """Return attributes whose redrive policy has a number, as SQS tells it, for a text.

    https://github.com/hashicorp/terraform/pull/5888
    """
    counted = dict(attributes)
    if "RedrivePolicy" in counted:
        counted["RedrivePolicy"] = _COUNT.sub(r"\1\2", counted["RedrivePolicy"])
    return counted


def check_policies(arn: str, attributes: Attributes, find: Find, *, fifo: bool) -> None:
    """Check the redrive policies that the queue ``arn`` is to have."""
    for name, check in (
        ("RedrivePolicy", lambda said: _check_redrive(arn, said, find, fifo=fifo)),
        ("RedriveAllowPolicy", _check_allowed),
    ):
        if text := attributes.get(name):
            try:
                check(_object(text))
            except ValueError as error:
                raise ValueError(
                    f"Value {text} for parameter {name} is invalid. Reason: {error}"
                ) from None


def _object(text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except (TypeError, ValueError):
        raise ValueError(
            "Amazon SQS can't create the redrive policy, as it's in an unsupported "
            "format."
        ) from None


def _check_redrive(arn: str, said: dict[str, Any], find: Find, *, fifo: bool) -> None:
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in said:
            raise ValueError(
                f"Redrive policy does not contain mandatory attribute: {name}."
            )
    count, target = said["maxReceiveCount"], str(said["deadLetterTargetArn"])
    if not str(count).isdecimal() or int(count) not in _RECEIVES:
        raise ValueError(
            f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to "
            "1000 both inclusive."
        )
    dead_letters = find(target)
    # Of the same account and region, says the developer guide.
    if dead_letters is None or target.split(":")[:5] != arn.split(":")[:5]:
        raise ValueError("Dead letter target does not exist.")
    if (dead_letters.get("FifoQueue", "false").lower() == "true") != fifo:
        raise ValueError("Dead-letter queue must be same type of queue as the source.")
    allowed = _object(dead_letters.get("RedriveAllowPolicy") or "{}")
    permission = allowed.get("redrivePermission", "allowAll")
    listed = arn in allowed.get("sourceQueueArns", ())
    if permission == "denyAll" or (permission == "byQueue" and not listed):
        raise ValueError(
            "The RedriveAllowPolicy of the dead-letter queue does not allow this "
            "source queue."
        )


def _check_allowed(said: dict[str, Any]) -> None:
    permission, sources = said.get("redrivePermission"), said.get("sourceQueueArns")
    if permission not in _PERMISSIONS:
        raise ValueError(f"redrivePermission must be one of {', '.join(_PERMISSIONS)}.")
    if (permission == "byQueue") != bool(sources):
        raise ValueError("sourceQueueArns belongs to redrivePermission byQueue.")
    if len(sources or ()) > _MOST_SOURCES:
        raise ValueError(f"At most {_MOST_SOURCES} sourceQueueArns are allowed.")


def check_hidden(request: Mapping[str, Any]) -> None:
    """Check for how long a message is to be hidden: by a call, or an entry of one."""
    _check_seconds("VisibilityTimeout", request)


def check_receive(request: Mapping[str, Any]) -> None:
    """Check what is asked for: LocalStack refuses too many, and takes none for one."""
    check_hidden(request)
    if request.get("MaxNumberOfMessages") == 0:
        raise ValueError(
            "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be "
            "between 1 and 10, if provided."
        )


def _check_seconds(name: str, request: Mapping[str, Any]) -> None:
    seconds, most = request.get(name), _MOST_SECONDS[name]
    if seconds is not None and not 0 <= seconds <= most:
        raise ValueError(
            f"Value {seconds} for parameter {name} is invalid. Reason: Must be >= 0 "
            f"and <= {most}, if provided."
        )


def check_message(request: Mapping[str, Any]) -> None:
    """Check a message as a call, or an entry of one, has it."""
    check_attributes(request.get("MessageAttributes"))
    _check_seconds("DelaySeconds", request)


def check_attributes(attributes: Mapping[str, Mapping[str, Any]] | None) -> None:
    """Check a message's own attributes: how many there are, and their values."""
    if (number := len(attributes or ())) > MOST_ATTRIBUTES:
        raise ValueError(
            f"Number of message attributes [{number}] exceeds the allowed maximum "
            f"[{MOST_ATTRIBUTES}]."
        )
    for name, attribute in (attributes or {}).items():
        kind = str(attribute.get("DataType")).partition(".")[0]
        field = "BinaryValue" if kind == "Binary" else "StringValue"
        if not attribute.get(field):
            raise ValueError(
                f"Message (user) attribute '{name}' must contain a non-empty value of "
                f"type '{kind}'."
            )
        if kind == "Number" and not _is_number(attribute[field]):
            raise ValueError(
                f"Can't cast the value of message (user) attribute '{name}' to a "
                "number."
            )


def _is_number(text: str) -> bool:
    # Python takes more than a number: digits in groups, names of what is none.
    try:
        return "_" not in text and text == text.strip() and math.isfinite(float(text))
    except ValueError:
        return False
