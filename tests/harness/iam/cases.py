"""The input of ``iam simulate``: cases as JSON, checked before they are decided."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import NoReturn, cast

from harness.errors import HarnessError, UsageError
from harness.iam.errors import MalformedPolicy, MalformedRequest
from harness.iam.evaluate import Decision, Policies, evaluate
from harness.iam.policy import Policy, PolicyKind, compile_policy
from harness.iam.request import Request

_CASE = {
    "identityPolicies",
    "permissionsBoundary",
    "sessionPolicies",
    "resourcePolicy",
    "request",
}
_REQUEST = {"principal", "action", "resource", "context"}
# For these actions the policy on the resource is the role's trust policy.
_ASSUMES_A_ROLE = {
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:tagsession",
    "sts:setsourceidentity",
}


def read_json(text: str, source: str) -> object:
    """Parse JSON; a key given twice is an error, as it is to IAM."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UsageError(f"{source}: key {twice!r} is given twice in one object")
        return dict(pairs)

    def refuse(constant: str) -> NoReturn:
        raise UsageError(f"{source}: {constant} is not JSON")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(f"{source} is not JSON: {error}") from None


def simulate(cases: object) -> list[dict[str, object]]:
    """Decide every case.

    Raises:
        HarnessError: naming the case by its index, and what is wrong with it.

    """
    if not isinstance(cases, list):
        raise UsageError("the cases are not a JSON list")
    results = []
    for index, case in enumerate(cases):
        try:
            results.append(_result(_decide(case)))
        except (MalformedPolicy, MalformedRequest) as error:
            raise HarnessError(f"case {index}: {error}") from None
    return results


def _result(decision: Decision) -> dict[str, object]:
    return {
        "decision": str(decision),
        "matchedStatements": [asdict(match) for match in decision.matches],
    }


def _decide(case: object) -> Decision:
    fields = _object(case, "the case", _CASE)
    request = _object(fields.get("request"), "request", _REQUEST)
    context = _object(request.get("context") or {}, "context", None)
    action = _string(request, "action")
    asked = Request.of(
        _string(request, "principal"), action, _string(request, "resource"), context
    )
    trust = asked.action_key in _ASSUMES_A_ROLE
    on_resource = PolicyKind.TRUST if trust else PolicyKind.RESOURCE
    policies = Policies(
        identity=_list(fields, "identityPolicies", PolicyKind.IDENTITY),
        boundary=_one(fields, "permissionsBoundary", PolicyKind.BOUNDARY),
        session=_list(fields, "sessionPolicies", PolicyKind.SESSION),
        resource=_one(fields, "resourcePolicy", on_resource),
    )
    return evaluate(policies, asked)


def _object(value: object, name: str, known: set[str] | None) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise MalformedRequest(f"{name} is not a JSON object")
    if known is not None and (unknown := sorted(set(value) - known)):
        raise MalformedRequest(f"{name}: unknown key {unknown[0]!r}")
    return cast("Mapping[str, object]", value)


def _string(request: Mapping[str, object], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str):
        raise MalformedRequest(f"request.{key} is missing or not a string")
    return value


def _list(
    fields: Mapping[str, object], key: str, kind: PolicyKind
) -> tuple[Policy, ...]:
    documents = fields.get(key)
    if documents is None:
        return ()
    if not isinstance(documents, list):
        raise MalformedRequest(f"{key} is not a list of policies")
    return tuple(
        compile_policy(document, kind, f"{key}[{index}]")
        for index, document in enumerate(documents)
    )


def _one(fields: Mapping[str, object], key: str, kind: PolicyKind) -> Policy | None:
    document = fields.get(key)
    return None if document is None else compile_policy(document, kind, key)
