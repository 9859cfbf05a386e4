"""What a million refunds cost, split by service."""

from dataclasses import dataclass, field

from scale import prices
from scale.handlers import ASSUMED, Assumed, Handler, Range
from scale.processor_model import PaymentGatewayModel

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
        service: Range(*(column[service] * prices.MILLION for column in columns))
        for service in SERVICES
    }


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
    stored_gb = ITEM_BYTES / prices.GB
    # Put and update, each written to the table and to the index; one consistent read.
    writes, reads = 4, 1
    log_bytes = (
        load.log_bytes_per_refund
        + ACCESS_LINE_BYTES
        + PLATFORM_BYTES_PER_INVOCATION * invocations
    )
    sampled = min(1, SAMPLED_PER_S / load.refunds_per_s + SAMPLED_SHARE)
    return {
        "API Gateway": prices.REST_REQUESTS.average(month),
        "DynamoDB": writes * prices.WRITE_UNITS.usd
        + reads * prices.READ_UNITS.usd
        # The index stores the item again; recovery covers the table alone.
        + stored_gb * (2 * prices.TABLE_GB.usd + prices.PITR_GB.usd),
        "SQS": (1 + 2 / batch) * prices.SQS_REQUESTS.usd,
        "Lambda requests": invocations * prices.LAMBDA_REQUESTS.usd,
        "Lambda compute": billed * prices.LAMBDA_GB_S.usd,
        "CloudWatch logs": log_bytes / prices.GB * prices.LOG_GB.usd,
        "X-Ray": sampled * prices.TRACES.usd,
        "data transfer": egress_bytes / prices.GB * prices.EGRESS_GB.usd,
    }
