"""The environment variables a function sees: Lambda's own and its configured ones.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from collections.abc import Mapping
from pathlib import Path

LOCALE = {"LANG": "en_US.UTF-8"}
# What LocalStack prepares and Lambda has too; the rest of what it prepares is addressed
# to its own runtime's init process.
_FROM_LOCALSTACK = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_FORMAT",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_LEVEL",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
)


def of_function(
    prepared: Mapping[str, object],
    configured: Mapping[str, str],
    *,
    code: Path,
    runtime: str,
) -> dict[str, str]:
    """Return all that a function of ``runtime`` (python3.13) sees.

    ``prepared`` is what LocalStack would pass to its own runtime container,
    ``configured`` the function's own variables, which win where Lambda lets them.
    """
    return {
        **LOCALE,
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "TZ": ":UTC",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        **configured,
        **{name: str(prepared[name]) for name in _FROM_LOCALSTACK if name in prepared},
        "LAMBDA_TASK_ROOT": str(code),
    }
