"""AWS's prices in us-east-1 without free tiers, as read on ``READ_ON``."""

from dataclasses import dataclass
from itertools import pairwise

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
    page: str
    checked: str
    tiers: tuple[tuple[float, float], ...] = ()

    def average(self, units_per_month: float) -> float:
        """Return USD per unit at a monthly volume, all tiers passed through."""
        if units_per_month <= 0:
            return self.usd
        steps = ((0.0, self.usd), *self.tiers, (float("inf"), 0.0))
        paid = 0.0
        for (begin, usd), (end, _) in pairwise(steps):
            paid += max(0.0, min(units_per_month, end) - begin) * usd
        return paid / units_per_month


_AWS = "https://aws.amazon.com"
_OWN = "AWS's page"
_OTHERS = "two or more other pages, not AWS's own"

REST_REQUESTS = Price(
    3.50 / MILLION,
    "REST API request",
    f"{_AWS}/api-gateway/pricing/",
    "an AWS whitepaper's table",
    (
        (333 * MILLION, 2.80 / MILLION),
        (1_000 * MILLION, 2.38 / MILLION),
        (20_000 * MILLION, 1.51 / MILLION),
    ),
)
LAMBDA_REQUESTS = Price(
    0.20 / MILLION, "Lambda request", f"{_AWS}/lambda/pricing/", _OTHERS
)
LAMBDA_GB_S = Price(
    0.0000133334, "Lambda GB-second, arm64", f"{_AWS}/lambda/pricing/", _OTHERS
)
POLLER_HOURS = Price(
    0.00925, "SQS event poller unit hour", f"{_AWS}/lambda/pricing/", _OTHERS
)
SQS_REQUESTS = Price(0.40 / MILLION, "SQS request", f"{_AWS}/sqs/pricing/", _OTHERS)
WRITE_UNITS = Price(
    0.625 / MILLION,
    "write request unit",
    f"{_AWS}/dynamodb/pricing/on-demand/",
    _OTHERS,
)
READ_UNITS = Price(
    0.125 / MILLION, "read request unit", f"{_AWS}/dynamodb/pricing/on-demand/", _OTHERS
)
TABLE_GB = Price(
    0.25, "GB-month of table or index", f"{_AWS}/dynamodb/pricing/on-demand/", _OWN
)
PITR_GB = Price(
    0.20, "GB-month of recovery", f"{_AWS}/dynamodb/pricing/on-demand/", _OTHERS
)
TRACES = Price(5.00 / MILLION, "trace recorded", f"{_AWS}/xray/pricing/", _OWN)
LOG_GB = Price(0.50, "GB of logs", f"{_AWS}/cloudwatch/pricing/", _OTHERS)
METRICS = Price(0.30, "custom metric and month", f"{_AWS}/cloudwatch/pricing/", _OTHERS)
ALARMS = Price(0.10, "alarm metric and month", f"{_AWS}/cloudwatch/pricing/", _OTHERS)
EGRESS_GB = Price(0.09, "GB to the internet", f"{_AWS}/ec2/pricing/on-demand/", _OTHERS)

ALL = (
    REST_REQUESTS,
    LAMBDA_REQUESTS,
    LAMBDA_GB_S,
    POLLER_HOURS,
    SQS_REQUESTS,
    WRITE_UNITS,
    READ_UNITS,
    TABLE_GB,
    PITR_GB,
    TRACES,
    LOG_GB,
    METRICS,
    ALARMS,
    EGRESS_GB,
)
