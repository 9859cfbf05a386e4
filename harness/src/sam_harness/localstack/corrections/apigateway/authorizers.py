"""Lambda authorisers: a function says with a policy what a client may call.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
What is answered when one fails is measured, not documented: 500 without a message.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from localstack.services.apigateway.next_gen.execute_api import gateway_response as says
from localstack.services.apigateway.next_gen.execute_api import helpers

from sam_harness.errors import HarnessError
from sam_harness.iam.evaluate import Policies
from sam_harness.iam.policy import Policy, PolicyKind, compile_policy
from sam_harness.iam.request import text
from sam_harness.localstack.corrections.apigateway import callers, proxy
from sam_harness.localstack.corrections.apigateway.callers import Context

type Authorizer = Mapping[str, Any]

_DEFAULT_TTL_S = 300
_MOST_KEPT = 1000


class _Answer(NamedTuple):
    policy: Policy
    variables: dict[str, str]
    api_key: str | None
    at: float


_kept: dict[tuple[object, ...], _Answer] = {}


def authorize(context: Context) -> None:
    """Return if the method's authoriser allows the request, and pass on what it says.

    Raises:
        UnauthorizedError: the client has not said who it is, or not understandably.
        AccessDeniedError: the authoriser's policy does not allow the method.
        AuthorizerConfigurationError: there is no authoriser that answers.
    """
    known = context.deployment.rest_api.authorizers
    authorizer = known.get(context.resource_method.get("authorizerId")) or {}
    if authorizer.get("type") not in {"TOKEN", "REQUEST"}:
        raise says.AuthorizerConfigurationError
    answer = _answer(context, authorizer, _identity(context, authorizer))
    # Also of one that is denied: its gateway response may tell why.
    context.context_variables["authorizer"] = dict(answer.variables)
    # The policy is the client's own: the client is no principal of IAM.
    client = f"arn:aws:iam::{context.account_id}:user/client"
    decision = callers.decide(context, client, Policies(identity=(answer.policy,)))
    if not decision.is_allowed:
        why = " with an explicit deny" * decision.is_explicit
        said = f"User is not authorized to access this resource{why}"
        raise says.AccessDeniedError(said)
    if answer.api_key:
        context.context_variables["identity"]["apiKey"] = answer.api_key


def _identity(context: Context, authorizer: Authorizer) -> tuple[str, ...]:
    """Return the values of the identity sources; each of them has to be there."""
    sources = (authorizer.get("identitySource") or "").replace(" ", "").split(",")
    found = tuple(_value(context, source) for source in sources if source)
    pattern = authorizer.get("identityValidationExpression") or ".*"
    if authorizer["type"] == "TOKEN":
        found = tuple(one for one in found if re.fullmatch(pattern, one)) or ("",)
    if not all(found):
        raise says.UnauthorizedError("Unauthorized")
    return found


def _value(context: Context, source: str) -> str:
    asked = context.invocation_request
    kind, _, name = source.removeprefix("method.request.").partition(".")
    # All values of one that is repeated: the authoriser sees each, and so is one that
    # it has allowed no key to what it has said of another.
    if kind == "header":
        return ",".join(asked["headers"].getlist(name))
    if kind == "querystring":
        values = asked["multi_value_query_string_parameters"].get(name, ())
        return ",".join(values)
    held: Any = {
        "stageVariables": context.stage_variables,
        "context": context.context_variables | context.context_variables["identity"],
    }.get(kind)
    return str((held or {}).get(name.removeprefix("identity.")) or "")


def _answer(
    context: Context, authorizer: Authorizer, identity: tuple[str, ...]
) -> _Answer:
    """Return what the authoriser says of a client, or has said not long ago."""
    asked_ttl = authorizer.get("authorizerResultTtlInSeconds")
    ttl_s = _DEFAULT_TTL_S if asked_ttl is None else int(asked_ttl)
    key = (context.api_id, context.stage, context.deployment_id, authorizer["id"])
    kept, now = _kept.get((*key, *identity)), time.monotonic()
    if kept and now < kept.at + ttl_s:
        return kept
    answer = _read(_call(context, authorizer, identity), now)
    if identity and ttl_s:
        _kept[*key, *identity] = answer
        while len(_kept) > _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
    return answer


def _call(
    context: Context, authorizer: Authorizer, identity: tuple[str, ...]
) -> object:
    event: dict[str, Any] = {"authorizationToken": identity[0] if identity else ""}
    if authorizer["type"] == "REQUEST":
        # As a function gets it; the integration's own request is made later.
        headers = context.invocation_request["headers"]
        context.integration_request = {"headers": headers, "body": b""}
        event = proxy.INTEGRATION.create_lambda_input_event(context)
    arn = callers.arns(context)[0]
    uri = helpers.render_uri_with_stage_variables(
        authorizer["authorizerUri"], context.stage_variables
    )
    try:
        answer = proxy.INTEGRATION.call_lambda(
            function_arn=helpers.get_lambda_function_arn_from_invocation_uri(uri),
            event=json.dumps({**event, "type": authorizer["type"], "methodArn": arn}),
            source_arn=f"{arn.partition('/')[0]}/authorizers/{authorizer['id']}",
            credentials=authorizer.get("authorizerCredentials"),
        )
        return json.loads(answer)
    except (ClientError, ValueError) as error:
        raise says.AuthorizerConfigurationError from error


def _read(answer: Any, now: float) -> _Answer:  # noqa: ANN401 - JSON
    try:
        if answer.get("errorMessage") == "Unauthorized":
            raise says.UnauthorizedError("Unauthorized")
        said = {**(answer.get("context") or {}), "principalId": answer["principalId"]}
        variables = {name: text(value) for name, value in said.items()}
        policy = compile_policy(answer["policyDocument"], PolicyKind.IDENTITY, "answer")
    except (HarnessError, AttributeError, KeyError, TypeError) as error:
        raise says.AuthorizerConfigurationError from error
    return _Answer(policy, variables, answer.get("usageIdentifierKey"), now)
