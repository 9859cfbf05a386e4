"""Who may call an API: its resource policy, and IAM for methods that ask for it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import json
from typing import Any

from localstack.services.apigateway.next_gen.execute_api import gateway_response as says
from moto.apigateway.models import apigateway_backends

from sam_harness.iam.call import Call
from sam_harness.iam.evaluate import Policies, evaluate
from sam_harness.iam.policy import MalformedPolicy, PolicyKind, compile_policy
from sam_harness.iam.request import Kind, Principal, Request
from sam_harness.localstack.gate import caller, handler
from sam_harness.localstack.gate.denial import DeniedCall

type Context = Any  # LocalStack's RestApiInvocationContext; it is untyped

_INVOKE = "execute-api:Invoke"
_ANONYMOUS = Principal("anonymous", Kind.PROVIDER)
# Whose key is `test`; a number is the account's own.
_DEFAULT_ACCOUNT = "000000000000"


def request_of(context: Context, principal: str | Principal) -> Request:
    """Return what a principal asks for: the method, on the path as it was sent."""
    asked, identity = context.invocation_request, context.context_variables["identity"]
    path = asked["path"].rstrip("/") or "/"
    api = f"{context.region}:{context.account_id}:{context.api_id}"
    arn = f"arn:aws:execute-api:{api}/{context.stage}/{asked['http_method']}{path}"
    keys = {"aws:SourceIp": identity["sourceIp"]}
    return Request.of(
        principal, _INVOKE, arn, caller.keys_of_request(context.region) | keys
    )


def ask_policy(context: Context) -> None:
    """Return if the API has no resource policy, or one that lets the caller through.

    Where a method asks for IAM, too, AWS lets either allow within an account; here both
    have to.
    """
    backend = apigateway_backends[context.account_id][context.region]
    if not (text := backend.get_rest_api(context.api_id).policy):
        return
    request = request_of(context, _principal(context))
    # A resource may begin after the API's part of its ARN.
    text = text.replace('"execute-api:/', f'"{request.resource.partition("/")[0]}/')
    try:
        policy = compile_policy(json.loads(text), PolicyKind.RESOURCE, "the API's")
    except (ValueError, MalformedPolicy) as error:
        raise says.AuthorizerConfigurationError from error
    decision = evaluate(Policies(resource=policy), request)
    if decision.is_explicit or not decision.matches:
        why = " with an explicit deny" * decision.is_explicit
        raise says.AccessDeniedError(
            f"User: {request.principal.name} is not authorized to perform: {_INVOKE}"
            f" on resource: {request.resource}{why}"
        )


def authorize(context: Context) -> None:
    """Return if the request is signed with a key that may invoke the method."""
    key, principal, account = _key(context), _principal(context), context.account_id
    if key == caller.UNSIGNED:
        raise says.MissingAuthTokenError("Missing Authentication Token")
    if caller.is_harness(key) and principal.account != account:
        raise says.AccessDeniedError(f"The key {key} is another account's")
    arn = request_of(context, principal).resource
    try:
        call = Call("execute-api", "Invoke", {"Arn": arn}, account, context.region)
        handler.GATE.check(call, key)
    except DeniedCall as error:
        raise says.AccessDeniedError(error.message) from error
    name = principal.name
    context.context_variables["identity"].update(
        accessKey=key, accountId=principal.account, caller=name, user=name, userArn=name
    )


def _principal(context: Context) -> Principal:
    key = _key(context)
    if context.resource_method["authorizationType"] != "AWS_IAM":
        return _ANONYMOUS
    if caller.is_harness(key):
        account = key if key.isdigit() else _DEFAULT_ACCOUNT
        return Principal.parse(f"arn:aws:iam::{account}:root")
    return handler.GATE.principal(key) or _ANONYMOUS


def _key(context: Context) -> str:
    request = context.request
    return caller.access_key(request.headers.get("Authorization", ""), request.args)
