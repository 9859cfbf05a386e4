"""Every limit: what AWS allows an account by default, and what template.yaml sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.template.document import load
from sam_harness.template.names import Place
from sam_harness.template.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Limits:
    """AWS's defaults in us-east-1; a raised quota is another value here.

    ``table_write_units_per_s`` holds for the table and for each index by itself.
    """

    api_requests_per_s: float = 10_000
    api_burst: float = 5_000
    lambda_concurrency: int = 1_000
    lambda_requests_per_s_per_concurrency: float = 10
    lambda_scaling_per_s: float = 100
    lambda_scaling_burst: float = 1_000
    mapping_initial: float = 5
    mapping_growth_per_s: float = 5
    mapping_maximum: int = 1_250
    poller_invocations: int = 10
    poller_polls_per_s: float = 10
    provisioned_growth_per_s: float = 1_000 / 60
    queue_in_flight: int = 120_000
    table_write_units_per_s: float = 40_000
    table_initial_write_units_per_s: float = 4_000
    table_doubling_s: float = 1_800
    partition_write_units_per_s: float = 1_000


class Bound(StrEnum):
    """Every limit that can hold refunds up, by the name it has where it is raised."""

    THROTTLE_RATE = "ThrottleRate"
    QUOTA_PER_DAY = "QuotaPerDay"
    API_ACCOUNT = "API Gateway requests per account"
    LAMBDA_CONCURRENCY = "Lambda concurrent executions"
    LAMBDA_REQUESTS = "Lambda requests per concurrency"
    LAMBDA_SCALING = "Lambda scaling rate"
    TABLE_WARM = "DynamoDB warm throughput"
    TABLE_QUOTA = "DynamoDB write units per table"
    INDEX_PARTITION = "DynamoDB index partition"
    MAXIMUM_CONCURRENCY = "MaximumConcurrency"
    MAPPING_RAMP = "event source mapping ramp"
    MAPPING_MAXIMUM = "event source mapping maximum"
    POLLERS = "provisioned pollers"
    IN_FLIGHT = "SQS messages in flight"


DOCS = "https://docs.aws.amazon.com"
LAMBDA = f"{DOCS}/lambda/latest/dg"
DYNAMODB = f"{DOCS}/amazondynamodb/latest/developerguide"

# When stored copies of the pages were read; the copies' own dates vary.
READ_ON = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Source:
    """One or more fields of Limits, in words, and the page that states them."""

    fields: tuple[str, ...]
    states: str
    page: str
    raised_by: str


SOURCES = (
    Source(("api_requests_per_s",),
           "10,000 requests/s per account and region, all APIs together",
           f"{DOCS}/apigateway/latest/developerguide/limits.html",
           "Service Quotas, API Gateway: Throttle rate"),
    Source(("api_burst",),
           "burst, set by AWS from the rate: 5,000 (on other pages, not on this one)",
           f"{DOCS}/apigateway/latest/developerguide/limits.html", "follows the rate"),
    Source(("lambda_concurrency",),
           "1,000 concurrent executions, all functions together (new accounts: less)",
           f"{LAMBDA}/gettingstarted-limits.html",
           "Service Quotas, Lambda: Concurrent executions"),
    Source(("lambda_requests_per_s_per_concurrency",),
           "10 synchronous requests/s per unit of concurrency",
           f"{LAMBDA}/gettingstarted-limits.html", "follows concurrency"),
    Source(("lambda_scaling_per_s", "lambda_scaling_burst"),
           "1,000 more environments per function every 10 s, refilled continuously",
           f"{LAMBDA}/scaling-behavior.html",
           "fixed; provisioned concurrency goes before it"),
    Source(("mapping_initial", "mapping_growth_per_s", "mapping_maximum"),
           "a queue's mapping: 5 invocations at first, 300 more per minute, up to "
           "1,250",
           f"{LAMBDA}/services-sqs-scaling.html", "provisioned mode"),
    Source(("poller_invocations", "poller_polls_per_s", "provisioned_growth_per_s"),
           "provisioned mode, per poller: 10 invocations, 10 polls/s (and 1 MB/s); "
           "1,000 more invocations per minute",
           f"{LAMBDA}/services-sqs-scaling.html",
           "MinimumPollers (to 200), MaximumPollers (to 2,000)"),
    Source(("queue_in_flight",),
           "about 120,000 messages in flight per standard queue",
           f"{DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html",
           "support request, SQS"),
    Source(("table_write_units_per_s",),
           "40,000 write units/s for a table, and for each index by itself",
           f"{DYNAMODB}/ServiceQuotas.html",
           "Service Quotas, DynamoDB: Table-level write throughput limit"),
    Source(("table_initial_write_units_per_s", "table_doubling_s"),
           "a new on-demand table takes 4,000 writes/s; later twice its previous peak "
           "within 30 minutes",
           f"{DYNAMODB}/warm-throughput-scenarios.html",
           "WarmThroughput of the table and of the index"),
    Source(("partition_write_units_per_s",),
           "1,000 write units/s per partition; an index's throttles the table's writes",
           f"{DYNAMODB}/throttling-key-range-limit-exceeded-mitigation.html",
           "fixed: another index key"),
)  # fmt: skip


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
    longest_retry_s: float
    max_receive_count: int
    gateway_timeout_s: float
    gateway_pause_s: float
    oldest_message_alarm_s: float
    failure_alarm_percent: float
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
    variables = ("ProcessorFunction", "Properties", "Environment", "Variables")
    return StackSettings(
        throttle_rate=found.number(*plan, "Throttle", "RateLimit"),
        throttle_burst=found.number(*plan, "Throttle", "BurstLimit"),
        quota_per_day=found.number(*plan, "Quota", "Limit"),
        maximum_concurrency=int(
            found.number(*mapping, "ScalingConfig", "MaximumConcurrency")
        ),
        batch_size=int(found.number(*mapping, "BatchSize")),
        longest_retry_s=found.number(*variables, "LONGEST_RETRY_S"),
        max_receive_count=int(found.number(*queue, "RedrivePolicy", "maxReceiveCount")),
        gateway_timeout_s=found.number(*variables, "GATEWAY_READ_TIMEOUT_S"),
        gateway_pause_s=found.number(*variables, "GATEWAY_PAUSE_S"),
        oldest_message_alarm_s=found.number(
            "OldestMessageAlarm", "Properties", "Threshold"
        ),
        failure_alarm_percent=found.number(
            "GatewayFailureAlarm", "Properties", "Threshold"
        ),
        memory_mb=_memory_mb(found),
    )


def _memory_mb(found: "_Defaults") -> int:
    sizes = {
        int(found.number(function, "Properties", "MemorySize"))
        for function in ("ReceiverFunction", "ProcessorFunction")
    }
    if len(sizes) > 1:
        raise HarnessError(
            "template.yaml: Receiver and Processor differ in memory: the model "
            "knows one size for both"
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
