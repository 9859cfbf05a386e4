"""SQS queues and the mappings that read from them."""

import json
from collections.abc import Iterator
from typing import Any

from sam_harness.policy.rule import Element, ResolvedTemplate, Violation, known, rule
from sam_harness.project import Profile
from sam_harness.template.values import walk

_QUEUE = "AWS::SQS::Queue"
_MAPPING = "AWS::Lambda::EventSourceMapping"
# Under these keys services name the queue that takes what they could not deliver.
_DLQ_KEYS = {"DeadLetterConfig", "DeadLetterQueue", "OnFailure", "deadLetterTargetArn"}
_DEFAULT_VISIBILITY_S = 30
_DEFAULT_FUNCTION_TIMEOUT_S = 3
_DEFAULT_RETENTION_S = 345_600
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
_LONGEST_RETENTION_S = 1_209_600
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_VISIBILITY_FACTOR = 6


@rule("E9020", Profile.DEFAULT)
def _read_without_dlq(template: ResolvedTemplate) -> Iterator[Violation]:
    """A queue that a function reads has a dead-letter queue, unless it is one."""
    for queue in _without_dlq(template, read=True):
        message = (
            f"{queue.logical_id} tries what fails until it is too old, and loses it: "
            "set RedrivePolicy, or if it is a dead-letter queue itself "
            "RedriveAllowPolicy"
        )
        yield Violation(queue.at("RedrivePolicy"), message)


@rule("E9026", Profile.STRICT)
def _other_without_dlq(template: ResolvedTemplate) -> Iterator[Violation]:
    """Any other queue has a dead-letter queue as well, unless it is one."""
    for queue in _without_dlq(template, read=False):
        message = (
            f"{queue.logical_id} has no dead-letter queue: set RedrivePolicy, or if "
            "it is one itself RedriveAllowPolicy"
        )
        yield Violation(queue.at("RedrivePolicy"), message)


def _without_dlq(template: ResolvedTemplate, *, read: bool) -> Iterator[Element]:
    """Yield the queues that a function reads, or the others."""
    mapped = [queue for _, queue in _sqs_mappings(template)]
    dlqs = {
        target
        for element in template.elements()
        for target in _targets(element.properties)
    }
    for queue in template.elements(_QUEUE):
        is_dlq = "RedriveAllowPolicy" in queue.properties or any(
            name in dlqs for name in template.identity(queue)
        )
        needs_none = is_dlq or "RedrivePolicy" in queue.properties
        if not needs_none and (queue in mapped) is read:
            yield queue


def _targets(value: object) -> Iterator[str]:
    """Yield the strings that stand below a dead-letter key."""
    for path, item in walk(value):
        if path[-1:] == ("RedrivePolicy",) and isinstance(item, str):
            yield from _targets(_policy(item))
        elif isinstance(item, str) and _DLQ_KEYS.intersection(path):
            yield item


def _sqs_mappings(
    template: ResolvedTemplate,
) -> Iterator[tuple[Element, Element | None]]:
    """Yield each mapping of an SQS queue, with the queue when the template has it."""
    for mapping in template.elements(_MAPPING):
        arn = mapping.properties.get("EventSourceArn")
        queue = template.find(arn, _QUEUE)
        if queue or str(arn).split(":")[2:3] == ["sqs"]:
            yield mapping, queue


@rule("E9021", Profile.DEFAULT)
def _visibility(template: ResolvedTemplate) -> Iterator[Violation]:
    """A queue hides messages for 6 timeouts of its function and the batching window."""
    for mapping, queue in _sqs_mappings(template):
        function = template.function(mapping.properties.get("FunctionName"))
        if not (queue and function):
            continue
        has = queue.number("VisibilityTimeout", _DEFAULT_VISIBILITY_S)
        timeout = function.number("Timeout", _DEFAULT_FUNCTION_TIMEOUT_S)
        window = mapping.number("MaximumBatchingWindowInSeconds", 0)
        if has is None or timeout is None or window is None:
            continue
        needed = _VISIBILITY_FACTOR * timeout + window
        if has < needed:
            waits = f" plus its batching window of {window:.0f} s" if window else ""
            message = (
                f"{queue.logical_id} hides messages for {has:.0f} s; 6 x the "
                f"{timeout:.0f} s of {function.logical_id}{waits} is {needed:.0f} s"
            )
            yield Violation(queue.at("VisibilityTimeout"), message)


@rule("E9022", Profile.STRICT)
def _partial_batch(template: ResolvedTemplate) -> Iterator[Violation]:
    """A mapping of an SQS queue lets the function report single failures."""
    for mapping, _ in _sqs_mappings(template):
        types = mapping.properties.get("FunctionResponseTypes") or []
        single = mapping.number("BatchSize", 10) == 1  # fails alone anyway
        if "ReportBatchItemFailures" not in types and not single and known(types):
            message = (
                f"{mapping.logical_id} retries a whole batch for one message: set "
                "FunctionResponseTypes to [ReportBatchItemFailures]"
            )
            yield Violation(mapping.at("FunctionResponseTypes"), message)


@rule("E9023", Profile.STRICT)
def _concurrency(template: ResolvedTemplate) -> Iterator[Violation]:
    """A mapping of an SQS queue limits the function's concurrency."""
    for mapping, _ in _sqs_mappings(template):
        scaling = mapping.properties.get("ScalingConfig") or {}
        pollers = mapping.properties.get("ProvisionedPollerConfig") or {}
        is_told = known([scaling, pollers])
        limited = "MaximumConcurrency" in scaling or "MaximumPollers" in pollers
        if is_told and not limited:
            message = (
                f"{mapping.logical_id} may take all of the account's concurrency: set "
                "ScalingConfig.MaximumConcurrency, or "
                "ProvisionedPollerConfig.MaximumPollers in provisioned mode"
            )
            yield Violation(mapping.at("ScalingConfig"), message)


@rule("E9024", Profile.DEFAULT)
def _retention(template: ResolvedTemplate) -> Iterator[Violation]:
    """A dead-letter queue keeps messages longer than the queue that feeds it."""
    for queue in template.elements(_QUEUE):
        target = _policy(queue.properties.get("RedrivePolicy")).get(
            "deadLetterTargetArn"
        )
        dlq = template.find(target, _QUEUE)
        # A FIFO queue's messages start a new life in the dead-letter queue.
        is_fifo = queue.properties.get("FifoQueue") in {True, "true"}
        if dlq is None or is_fifo:
            continue
        kept = dlq.number("MessageRetentionPeriod", _DEFAULT_RETENTION_S)
        source = queue.number("MessageRetentionPeriod", _DEFAULT_RETENTION_S)
        if kept is not None and source is not None and kept <= source:
            message = (
                f"{dlq.logical_id} keeps messages for {kept:.0f} s, counted from when "
                f"they entered {queue.logical_id}, which keeps them for {source:.0f} s"
            )
            if source < _LONGEST_RETENTION_S:
                message += ": keep them longer"
            else:
                message += f": SQS has no more, keep them in {queue.logical_id} shorter"
            yield Violation(dlq.at("MessageRetentionPeriod"), message)


def _policy(value: object) -> dict[str, Any]:
    """Return a RedrivePolicy, which may also be written as JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


@rule("E9025", Profile.STRICT)
def _encryption(template: ResolvedTemplate) -> Iterator[Violation]:
    """A queue asks for encryption at rest."""
    for queue in template.elements(_QUEUE):
        managed = queue.properties.get("SqsManagedSseEnabled")
        if not queue.properties.get("KmsMasterKeyId") and managed not in {True, "true"}:
            message = (
                f"{queue.logical_id} does not ask for encryption: set "
                "SqsManagedSseEnabled or KmsMasterKeyId"
            )
            yield Violation(queue.at("SqsManagedSseEnabled"), message)
