"""Who may call an API: its resource policy, and IAM for methods that ask for it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import json
from typing import Any
from urllib.parse import unquote

from localstack.services.apigateway.next_gen.execute_api import gateway_response as says

from sam_harness.iam.call import Call
from sam_harness.iam.evaluate import Decision, Policies, evaluate
from sam_harness.iam.policy import MalformedPolicy, PolicyKind, compile_policy
from sam_harness.iam.request import Kind, Principal, Request
from sam_harness.localstack.gate import caller, handler
from sam_harness.localstack.gate.denial import DeniedCall

type Context = Any  # LocalStack's RestApiInvocationContext; it is untyped

_INVOKE = "execute-api:Invoke"
_ANONYMOUS = Principal("anonymous", Kind.PROVIDER)
# Whose key is `test`; a number is the account's own.
_DEFAULT_ACCOUNT = "000000000000"


def arns(context: Context) -> tuple[str, ...]:
    """Return the method's ARN with the path as it was sent, and as it is decoded.

    AWS does not say which of the two a policy is asked about: here both have to be
    allowed, or an encoded letter would take a path out of a Deny.
    """
    asked = context.invocation_request
    sent = asked["path"].rstrip("/") or "/"
    api = f"{context.region}:{context.account_id}:{context.api_id}"
    method = f"arn:aws:execute-api:{api}/{context.stage}/{asked['http_method']}"
    return tuple(dict.fromkeys(method + path for path in (sent, unquote(sent))))


def decide(
    context: Context, principal: str | Principal, policies: Policies
) -> Decision:
    """Return what policies say of the method; of two decisions the one that denies."""
    keys = caller.keys_of_request(context.region) | _client(context)
    decisions = [
        evaluate(policies, Request.of(principal, _INVOKE, arn, keys))
        for arn in arns(context)
    ]
    return min(
        decisions,
        key=lambda one: (one.is_allowed, not one.is_explicit, bool(one.matches)),
    )


def ask_policy(context: Context) -> None:
    """Return if the API has no resource policy, or one that lets the caller through.

    Where a method asks for IAM, too, AWS lets either allow within an account; here both
    have to.
    """
    # As it was deployed: a change of it waits for the next deployment, as on AWS.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html
    if not (escaped := context.deployment.rest_api.rest_api.get("policy")):
        return
    text = json.loads(f'"{escaped}"')
    principal, (arn, *_) = _principal(context), arns(context)
    # A resource may begin after the API's part of its ARN.
    text = text.replace('"execute-api:/', f'"{arn.partition("/")[0]}/')
    try:
        policy = compile_policy(json.loads(text), PolicyKind.RESOURCE, "the API's")
    except (ValueError, MalformedPolicy) as error:
        raise says.AuthorizerConfigurationError from error
    decision = decide(context, principal, Policies(resource=policy))
    if decision.is_explicit or not decision.matches:
        why = " with an explicit deny" * decision.is_explicit
        raise says.AccessDeniedError(
            f"User: {principal.name} is not authorized to perform: {_INVOKE}"
            f" on resource: {arn}{why}"
        )


def authorize(context: Context) -> None:
    """Return if the request is signed with a key that may invoke the method."""
    key, principal, account = key_of(context), _principal(context), context.account_id
    if key == caller.UNSIGNED:
        raise says.MissingAuthTokenError("Missing Authentication Token")
    if caller.is_harness(key) and principal.account != account:
        raise says.AccessDeniedError(f"The key {key} is another account's")
    asked = context.request
    token = caller.session_token(asked.headers, asked.args)
    try:
        for arn in arns(context):
            call = Call(
                "execute-api",
                "Invoke",
                {"Arn": arn},
                account,
                context.region,
                client=_client(context),
            )
            handler.GATE.check_token(call, key, token)
            handler.GATE.check(call, key)
    except DeniedCall as error:
        raise says.AccessDeniedError(error.message) from error
    name = principal.name
    context.context_variables["identity"].update(
        accessKey=key, accountId=principal.account, caller=name, user=name, userArn=name
    )


def _client(context: Context) -> dict[str, str]:
    identity = context.context_variables["identity"]
    return caller.keys_of_client(identity["sourceIp"], identity["userAgent"])


def _principal(context: Context) -> Principal:
    key = key_of(context)
    if context.resource_method["authorizationType"] != "AWS_IAM":
        return _ANONYMOUS
    if caller.is_harness(key):
        account = key if key.isdigit() else _DEFAULT_ACCOUNT
        return Principal.parse(f"arn:aws:iam::{account}:root")
    return handler.GATE.principal(key) or _ANONYMOUS


def key_of(context: Context) -> str:
    """Return the access key that a request is signed with."""
    request = context.request
    return caller.access_key(request.headers, request.args)
