"""API keys, throttles and quotas: 403 and 429.

The usage plan's throttle is the key's own; the stage's is the method's, for all keys.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from localstack.services.apigateway.next_gen.execute_api import gateway_response as says
from localstack.services.apigateway.next_gen.execute_api import handlers, moto_helpers
from moto.apigateway.models import apigateway_backends

from sam_harness.localstack.corrections.apigateway.callers import Context

type Limits = Mapping[str, Any]

_PERIODS = {"DAY": "%Y-%j", "WEEK": "%G-%V", "MONTH": "%Y-%m"}
_lock = Lock()
_used: Counter[tuple[object, ...]] = Counter()


@dataclass(slots=True)
class Bucket:
    """Tokens of a throttle: ``rate`` flow in a second, ``burst`` are kept."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        """Take one at a time in seconds; False: there is none."""
        flown = (now - self.at) * self.rate
        self.tokens, self.at = min(self.burst, self.tokens + flown), now
        taken = self.tokens >= 1
        self.tokens -= taken
        return taken


_buckets: dict[tuple[object, ...], Bucket] = {}


def count(context: Context) -> None:
    """Return if the request has its key, and neither key nor method has had too many.

    Raises:
        InvalidAPIKeyError: the method asks for a key, and this is none of its plans.
        ThrottledError, QuotaExceededError: as the names say.
    """
    path, method = context.resource["path"], context.invocation_request["http_method"]
    here = (context.account_id, context.api_id, context.stage, path, method)
    plan, key = _plan_and_key(context)
    name = (plan.get("id"), key)
    own = (_stage_of(plan, context).get("throttle") or {}).get(f"{path}/{method}")
    settings = context.stage_configuration.get("methodSettings") or {}
    verbs = (method, context.resource_method["httpMethod"])
    names = (*(f"{path.replace('/', '~1')}/{verb}" for verb in verbs), "*/*")
    of_method: Limits = next((settings[one] for one in names if one in settings), {})
    with _lock:
        _throttle((*name, *here) if own else name, own or plan.get("throttle") or {})
        limits = ("throttlingRateLimit", "throttlingBurstLimit")
        _throttle(here, of_method, *limits)
        if quota := plan.get("quota"):
            period = datetime.now(UTC).strftime(_PERIODS[quota["period"]])
            # Its offset is the first period's; no emulator lives longer.
            most = int(quota["limit"]) - int(quota.get("offset") or 0)
            if _used[*name, period] >= most:
                raise says.QuotaExceededError("Limit Exceeded")
            _used[*name, period] += 1


def _throttle(
    name: tuple[object, ...],
    limits: Limits,
    rate_name: str = "rateLimit",
    burst_name: str = "burstLimit",
) -> None:
    rate, burst = limits.get(rate_name), limits.get(burst_name)
    if rate is None or burst is None:
        return  # the account's, which no client here reaches
    rate, burst, now = float(rate), float(burst), time.monotonic()
    bucket = _buckets.get(name)
    if not bucket or (bucket.rate, bucket.burst) != (rate, burst):
        bucket = _buckets[name] = Bucket(rate, burst, burst, now)
    if not bucket.take(now):
        raise says.ThrottledError("Too Many Requests")


def _plan_and_key(context: Context) -> tuple[Limits, str]:
    """Return the usage plan that the request counts in; none where no key is asked."""
    if not context.resource_method.get("apiKeyRequired"):
        return {}, ""
    owner = (context.account_id, context.region)
    identity = context.context_variables["identity"]
    value = handlers.api_key_validation_handler.get_request_api_key(
        context.deployment.rest_api.rest_api, context.invocation_request, identity
    )
    for plan in moto_helpers.get_usage_plans(*owner) if value else ():
        keys = moto_helpers.get_usage_plan_keys(plan["id"], *owner)
        for key in keys if _stage_of(plan, context) else ():
            # A deleted key stays in its plan.
            found = apigateway_backends[owner[0]][owner[1]].keys.get(key["id"])
            if key["value"] == value and found and found.enabled:
                identity.update(apiKey=value, apiKeyId=key["id"])
                return plan, key["id"]
    raise says.InvalidAPIKeyError("Forbidden")


def _stage_of(plan: Limits, context: Context) -> Limits:
    here = (context.api_id, context.stage)
    stages: list[Limits] = plan.get("apiStages") or []
    return next((o for o in stages if (o.get("apiId"), o.get("stage")) == here), {})
