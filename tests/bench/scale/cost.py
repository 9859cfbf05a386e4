"""What a million refunds cost, split by service, at AWS's prices in us-east-1.

Prices are without free tiers.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from bench.scale.durations import ASSUMED, Assumed, Handler, PaymentGatewayModel, Range

# When the prices were read.
READ_ON = "2026-11-22"
MILLION = 1_000_000
GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """USD per ``unit``; later tiers as (from how many units a month, USD).

    ``checked`` says where it was read, if not on AWS's own page.
    """

    usd: float
    unit: str
    path: str
    checked: str
    tiers: tuple[tuple[float, float], ...] = ()

    @property
    def page(self) -> str:
        """AWS's page that states the price."""
        return f"https://aws.amazon.com/{self.path}/"

    def average(self, units_per_month: float) -> float:
        """Return USD per unit at a monthly volume, all tiers passed through."""
        if units_per_month <= 0:
            return self.usd
        steps = ((0.0, self.usd), *self.tiers, (float("inf"), 0.0))
        paid = 0.0
        for (begin, usd), (end, _) in pairwise(steps):
            paid += max(0.0, min(units_per_month, end) - begin) * usd
        return paid / units_per_month


_OWN = "AWS's page"
_OTHERS = "two or more other pages, not AWS's own"

REST_REQUESTS = Price(
    3.50 / MILLION, "REST API request", "api-gateway/pricing",
    "an AWS whitepaper's table",
    ((333 * MILLION, 2.80 / MILLION), (1_000 * MILLION, 2.38 / MILLION),
     (20_000 * MILLION, 1.51 / MILLION)),
)  # fmt: skip
LAMBDA_REQUESTS = Price(0.20 / MILLION, "Lambda request", "lambda/pricing", _OTHERS)
LAMBDA_GB_S = Price(0.0000133334, "Lambda GB-second, arm64", "lambda/pricing", _OTHERS)
POLLER_HOURS = Price(0.00925, "SQS event poller unit hour", "lambda/pricing", _OTHERS)
SQS_REQUESTS = Price(0.40 / MILLION, "SQS request", "sqs/pricing", _OTHERS)
_DYNAMODB = "dynamodb/pricing/on-demand"
WRITE_UNITS = Price(0.625 / MILLION, "write request unit", _DYNAMODB, _OTHERS)
READ_UNITS = Price(0.125 / MILLION, "read request unit", _DYNAMODB, _OTHERS)
TABLE_GB = Price(0.25, "GB-month of table or index", _DYNAMODB, _OWN)
PITR_GB = Price(0.20, "GB-month of recovery", _DYNAMODB, _OTHERS)
TRACES = Price(5.00 / MILLION, "trace recorded", "xray/pricing", _OWN)
LOG_GB = Price(0.50, "GB of logs", "cloudwatch/pricing", _OTHERS)
METRICS = Price(0.30, "custom metric and month", "cloudwatch/pricing", _OTHERS)
ALARMS = Price(0.10, "alarm metric and month", "cloudwatch/pricing", _OTHERS)
EGRESS_GB = Price(0.09, "GB to the internet", "ec2/pricing/on-demand", _OTHERS)
PRICES = (
    REST_REQUESTS, LAMBDA_REQUESTS, LAMBDA_GB_S, POLLER_HOURS, SQS_REQUESTS,
    WRITE_UNITS, READ_UNITS, TABLE_GB, PITR_GB, TRACES, LOG_GB, METRICS, ALARMS,
    EGRESS_GB,
)  # fmt: skip

MONTH_S = 30 * 86_400

# An item is 100 bytes of overhead and what to_item() writes; reason: 40 characters.
ITEM_BYTES = 670
# What Lambda, API Gateway and CloudWatch add to the functions' own lines, per refund:
# access line 420, START/END/REPORT 330 per invocation, 26 per stored event.
ACCESS_LINE_BYTES = 450
PLATFORM_BYTES_PER_INVOCATION = 410
# Answer and headers to the client, call with headers to the payment gateway.
EGRESS_BYTES = Range(700, 1_100, 2_000)
# The default sampling rule: one request a second, and 5 % of the others.
SAMPLED_PER_S, SAMPLED_SHARE = 1, 0.05
# A delivery that fails writes a line of 420 bytes, its invocation one of metrics.
FAILED_LINE_BYTES = 450
METRICS_LINE_BYTES = 260
SERVICES = (
    "API Gateway",
    "DynamoDB",
    "SQS",
    "Lambda requests",
    "Lambda compute",
    "CloudWatch logs",
    "X-Ray",
    "data transfer",
)


@dataclass(frozen=True, slots=True)
class Load:
    """A steady load, and how full the Processors' batches are under it."""

    refunds_per_s: float
    refunds_per_batch: float
    memory_mb: int
    log_bytes_per_refund: float
    gateway: PaymentGatewayModel = field(default_factory=PaymentGatewayModel)

    @property
    def per_month(self) -> float:
        """Refunds in 30 days."""
        return self.refunds_per_s * MONTH_S


def per_million(load: Load, handler: Handler) -> dict[str, Range]:
    """Return USD by service for a million refunds out of a steady month's."""
    columns = [
        _once(load, handler, assumed, EGRESS_BYTES[index])
        for index, assumed in enumerate(ASSUMED)
    ]
    return {
        service: Range(*(column[service] * MILLION for column in columns))
        for service in SERVICES
    }


@dataclass(frozen=True, slots=True)
class Failing:
    """Deliveries that fail because the payment gateway is out, in so many batches."""

    deliveries: int
    batches: int
    batch_s: float
    memory_mb: int

    def usd(self) -> float:
        """Return what they cost: each batch is received, read, and delayed."""
        billed = self.batches * self.batch_s * self.memory_mb / 1024
        log_bytes = self.deliveries * FAILED_LINE_BYTES
        log_bytes += self.batches * (PLATFORM_BYTES_PER_INVOCATION + METRICS_LINE_BYTES)
        return (
            self.deliveries * READ_UNITS.usd
            + 2 * self.batches * SQS_REQUESTS.usd
            + self.batches * LAMBDA_REQUESTS.usd
            + billed * LAMBDA_GB_S.usd
            + log_bytes / GB * LOG_GB.usd
        )


def total(costs: dict[str, Range]) -> Range:
    """Add the services up."""
    return Range(*(sum(column) for column in zip(*costs.values(), strict=True)))


def gb_seconds(load: Load, handler: Handler, assumed: Assumed) -> float:
    """Return what both functions are billed for one refund."""
    # Batches come whole: the nearest one stands for the mean.
    batch = round(load.refunds_per_batch)
    seconds = handler.receiver_s(load.memory_mb, assumed)
    seconds += handler.batch_s(batch, load.memory_mb, load.gateway, assumed) / batch
    return seconds * load.memory_mb / 1024


def _once(
    load: Load, handler: Handler, assumed: Assumed, egress_bytes: float
) -> dict[str, float]:
    """Return USD by service for one refund: a POST and its decision, no GET."""
    month, batch = load.per_month, load.refunds_per_batch
    invocations = 1 + 1 / batch
    billed = gb_seconds(load, handler, assumed)
    stored_gb = ITEM_BYTES / GB
    # Put and update, each written to the table and to the index; one consistent read.
    writes, reads = 4, 1
    log_bytes = (
        load.log_bytes_per_refund
        + ACCESS_LINE_BYTES
        + PLATFORM_BYTES_PER_INVOCATION * invocations
    )
    sampled = min(1, SAMPLED_PER_S / load.refunds_per_s + SAMPLED_SHARE)
    return {
        "API Gateway": REST_REQUESTS.average(month),
        "DynamoDB": writes * WRITE_UNITS.usd
        + reads * READ_UNITS.usd
        # The index stores the item again; recovery covers the table alone.
        + stored_gb * (2 * TABLE_GB.usd + PITR_GB.usd),
        "SQS": (1 + 2 / batch) * SQS_REQUESTS.usd,
        "Lambda requests": invocations * LAMBDA_REQUESTS.usd,
        "Lambda compute": billed * LAMBDA_GB_S.usd,
        "CloudWatch logs": log_bytes / GB * LOG_GB.usd,
        "X-Ray": sampled * TRACES.usd,
        "data transfer": egress_bytes / GB * EGRESS_GB.usd,
    }
