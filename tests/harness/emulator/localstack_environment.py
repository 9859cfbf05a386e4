"""The environment variables LocalStack is started with, in both modes."""

from collections.abc import Collection

# What the harness's stacks are made of. LocalStack refuses calls to any other service.
SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "dynamodb",
    "iam",
    "lambda",
    "logs",
    "s3",
    "sns",
    "sqs",
    "sts",
)
# What the IAM gate itself needs.
_OF_THE_GATE = ("iam", "sts")


def common(
    *,
    listen: str,
    reachable_at: str,
    services: Collection[str] = SERVICES,
    eager: bool = False,
) -> dict[str, str]:
    """Return what makes LocalStack ours; ``listen`` and ``reachable_at``: host:port."""
    return {
        "GATEWAY_LISTEN": listen,
        "LOCALSTACK_HOST": reachable_at,
        "SERVICES": ",".join(sorted({*services, *_OF_THE_GATE})),
        "EAGER_SERVICE_LOADING": str(int(eager)),
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_S3": "own",
        # Queue URLs by path: names of hosts may not resolve.
        "SQS_ENDPOINT_STRATEGY": "path",
        "IAM_GATE": "enforce",
        # The defaults back off to 10 s.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.1",
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.2",
        # Nothing leaves this machine: no telemetry, downloads, or name server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
    }
