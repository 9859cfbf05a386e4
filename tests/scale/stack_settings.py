"""The stack's own limits, read from template.yaml so that no copy can drift."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.template.document import load
from harness.template.physical import Place
from harness.template.resolver import Resolver

# Conditions on parameters hold in any place.
_ANYWHERE = Place("123456789012", "us-east-1", "aws", "stack")


@dataclass(frozen=True, slots=True)
class Pollers:
    """Provisioned mode of the queue's mapping; it excludes MaximumConcurrency."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class StackSettings:
    """What the template sets, as it is deployed with no parameter given."""

    throttle_rate: float
    throttle_burst: float
    quota_per_day: float
    maximum_concurrency: int
    batch_size: int
    visibility_timeout_s: float
    max_receive_count: int
    gateway_timeout_s: float
    oldest_message_alarm_s: float
    memory_mb: int
    pollers: Pollers | None = None


def read_settings(template: Path) -> StackSettings:
    """Follow the template's references from each resource to the default.

    Raises:
        HarnessError: the template has no such property any more: this must be adapted.

    """
    document = load(template)
    found = _Defaults(
        document, Resolver(document, {"GatewayUrl": "simulated"}, _ANYWHERE)
    )
    plan = ("UsagePlan", "Properties")
    queue = ("RefundQueue", "Properties")
    mapping = ("ProcessorQueueMapping", "Properties")
    alarm = ("OldestMessageAlarm", "Properties")
    variables = ("ProcessorFunction", "Properties", "Environment", "Variables")
    return StackSettings(
        throttle_rate=found.number(*plan, "Throttle", "RateLimit"),
        throttle_burst=found.number(*plan, "Throttle", "BurstLimit"),
        quota_per_day=found.number(*plan, "Quota", "Limit"),
        maximum_concurrency=int(
            found.number(*mapping, "ScalingConfig", "MaximumConcurrency")
        ),
        batch_size=int(found.number(*mapping, "BatchSize")),
        visibility_timeout_s=found.number(*queue, "VisibilityTimeout"),
        max_receive_count=int(found.number(*queue, "RedrivePolicy", "maxReceiveCount")),
        gateway_timeout_s=found.number(*variables, "GATEWAY_READ_TIMEOUT_S"),
        oldest_message_alarm_s=found.number(*alarm, "Threshold"),
        memory_mb=_memory_mb(found),
    )


def _memory_mb(found: "_Defaults") -> int:
    sizes = {
        int(found.number(function, "Properties", "MemorySize"))
        for function in ("ReceiverFunction", "ProcessorFunction")
    }
    if len(sizes) > 1:
        raise HarnessError(
            "template.yaml: Receiver and Processor differ in memory: handlers.py and "
            "cost.py know one size for both"
        )
    return sizes.pop()


@dataclass(frozen=True, slots=True)
class _Defaults:
    template: Mapping[str, Any]
    resolver: Resolver

    def number(self, *path: str) -> float:
        """Return a property's number as the parameters' defaults make it."""
        value: Any = self.template["Resources"]
        try:
            for part in path:
                value = self._chosen(value[part])
            if isinstance(value, dict):
                value = self.template["Parameters"][value["Ref"]]["Default"]
            return float(value)
        except (KeyError, TypeError, ValueError) as error:
            raise HarnessError(
                f"template.yaml: no number at {'.'.join(path)}: {error!r}"
            ) from None

    def _chosen(self, value: Any) -> Any:  # noqa: ANN401 - JSON values
        if not (isinstance(value, dict) and "Fn::If" in value):
            return value
        condition, met, otherwise = value["Fn::If"]
        return met if self.resolver.condition(condition) else otherwise
