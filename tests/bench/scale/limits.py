"""What AWS allows an account by default, us-east-1; limit_sources.py says where."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Limits:
    """Default quotas and scaling rates; a raised quota is another value here.

    ``table_write_units_per_s`` holds for the table and for its index, each by itself.
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
    PAYMENT_GATEWAY = "payment gateway capacity"
