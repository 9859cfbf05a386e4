"""The environment variables LocalStack is started with, in both modes."""

from collections.abc import Collection

# What starts LocalStack, with our plugin on its path.
MODULE = "harness.localstack_plugin"
# What the IAM gate itself needs.
_OF_THE_GATE = ("iam", "sts")
# What the harness's stacks are made of, in the order in which it is loaded (see
# localstack_plugin.preload). LocalStack refuses calls to any other service.
SERVICES = (
    *_OF_THE_GATE,
    "s3",
    "sqs",
    "dynamodb",
    "logs",
    "lambda",
    "apigateway",
    "cloudwatch",
    "sns",
    "cloudformation",
)


def common(
    *, listen: str, reachable_at: str, services: Collection[str] = SERVICES
) -> dict[str, str]:
    """Return what makes LocalStack ours; ``listen`` and ``reachable_at``: host:port."""
    wanted = ",".join(dict.fromkeys([*_OF_THE_GATE, *services]))
    return {
        "GATEWAY_LISTEN": listen,
        "LOCALSTACK_HOST": reachable_at,
        "SERVICES": wanted,
        "HARNESS_PRELOAD": wanted,
        "LAMBDA_RUNTIME_EXECUTOR": "process",
        "PROVIDER_OVERRIDE_DYNAMODB": "moto",
        "PROVIDER_OVERRIDE_S3": "own",
        "PROVIDER_OVERRIDE_IAM": "own",
        # Queue URLs by path: names of hosts may not resolve.
        "SQS_ENDPOINT_STRATEGY": "path",
        "IAM_GATE": "enforce",
        # How often a mapping looks into its queue: see localstack_plugin.queue_polling.
        "LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC": "0.05",
        # Of a FIFO queue; the default is 10 s.
        "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC": "0.2",
        # Services call each other without HTTP; the gate is asked all the same.
        "IN_MEMORY_CLIENT": "1",
        # Nobody reads what LocalStack says of its queues, several calls per message.
        "SQS_DISABLE_CLOUDWATCH_METRICS": "1",
        # Nothing leaves this machine: no telemetry, downloads, or name server.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        # Whom it would ask who has an operation that it has not: nobody is there.
        "API_ENDPOINT": "http://127.0.0.1:1",
    }
