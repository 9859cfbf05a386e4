"""What Lambda refuses of functions, and what cannot be had here.

Imports no LocalStack. Every function raises ValueError with the reason, in AWS's words
where AWS has published them.
"""

import re
from collections.abc import Mapping
from typing import Any

type Request = Mapping[str, Any]

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_RESERVED = re.compile(
    "LAMBDA_(TASK_ROOT|RUNTIME_DIR)|"
    "AWS_((DEFAULT_)?REGION|EXECUTION_ENV|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|"
    "SESSION_TOKEN|LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|"
    "LOG_(GROUP|STREAM)_NAME|RUNTIME_API))"
)


def check_function(request: Request) -> None:
    """Refuse what AWS refuses of a function's configuration, and logs not had here."""
    is_package = "Code" in request and request.get("PackageType") != "Image"
    if is_package and not (request.get("Runtime") and request.get("Handler")):
        raise ValueError(
            "Runtime and Handler are mandatory parameters for functions created with "
            "deployment packages."
        )
    if is_package and not {"S3Key", "ZipFile"} & {*request["Code"]}:
        raise ValueError("Please provide a source for function code.")
    if is_package and request.get("ImageConfig"):
        raise ValueError("ImageConfig is of functions that are container images only")
    dead = (request.get("DeadLetterConfig") or {}).get("TargetArn") or ""
    if dead and not re.match(r"arn:[\w-]+:(sns|sqs):", dead):
        raise ValueError(f"{dead} is no queue of SQS and no topic of SNS")
    level = (request.get("LoggingConfig") or {}).get("SystemLogLevel") or "INFO"
    if level != "INFO":
        raise ValueError(f"SystemLogLevel {level} cannot be had here, only INFO")
    for name in (request.get("Environment") or {}).get("Variables") or {}:
        if _RESERVED.fullmatch(name):
            raise ValueError(f"The environment variable {name} is reserved")


def check_url(request: Request) -> None:
    """Refuse what the emulator would do otherwise than AWS."""
    if request.get("AuthType") == "AWS_IAM":
        raise ValueError(
            "A function URL of AuthType AWS_IAM cannot be had here: the emulator would "
            "serve every request to it, signed or not"
        )
    if request.get("InvokeMode") == "RESPONSE_STREAM":
        raise ValueError("A function URL that streams cannot be had here")
