"""Function URLs: who may call one of AuthType AWS_IAM. LocalStack serves every request.

https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
"""

import re
from collections.abc import Iterator
from typing import Any

from localstack.aws import handlers
from localstack.services.lambda_.invocation.models import lambda_stores

from sam_harness.iam.call import Call
from sam_harness.localstack.gate import caller, handler
from sam_harness.localstack.gate.denial import DeniedCall

_HOST = re.compile(r"(?P<id>[^.]+)\.lambda-url\.(?P<region>[a-z0-9-]+)\.")
_FORBIDDEN = '{"Message":"Forbidden"}'


def install() -> None:
    """Ask before LocalStack looks for who serves a request."""
    handlers.preprocess_request.append(_check)


def _check(chain: Any, context: Any, _response: object) -> None:  # noqa: ANN401 - untyped
    request = context.request
    if not (url := _HOST.match(request.host.lower())):
        return
    key = caller.access_key(request.headers.get("Authorization", ""), request.args)
    for arn in _asking(url["id"], url["region"]):
        if not _may_call(arn, key, url["region"]):
            error = {"x-amzn-ErrorType": "AccessDeniedException"}
            chain.respond(403, _FORBIDDEN, error)


def _asking(url_id: str, region: str) -> Iterator[str]:
    """Yield the ARN of the function behind a URL that asks for a signature."""
    for account in list(lambda_stores):
        for function in list(lambda_stores[account][region].functions.values()):
            for url in function.function_url_configs.values():
                if url.url_id.lower() == url_id and url.auth_type != "NONE":
                    yield url.function_arn.removesuffix(":$LATEST")


def _may_call(arn: str, key: str, region: str) -> bool:
    account = arn.split(":")[4]
    if caller.is_harness(key):
        return key == account or (not key.isdigit() and account == "0" * 12)
    call = Call("lambda", "InvokeFunctionUrl", {"FunctionName": arn}, account, region)
    try:
        handler.GATE.check(call, key)
    except DeniedCall:
        return False
    return True
