"""What Schemathesis cannot read in a schema; loaded by its command (schemathesis.toml).

Only requests that are meant to be valid are corrected: a number that is meant to have
two decimals gets two, and a token of a page is one that the service has given.
"""

import json
from decimal import Decimal
from typing import Any

import schemathesis

_tokens: dict[str, str] = {}  # token -> the order whose page had it


@schemathesis.hook  # type: ignore[untyped-decorator] # it is not here where types are checked
def before_call(_context: object, case: Any, _arguments: object) -> None:  # noqa: ANN401 - untyped
    """Correct what is meant to be valid."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    query = case.query or {}
    if "nextToken" in query and _tokens.get(query["nextToken"]) != query.get("orderId"):
        del query["nextToken"]
    if isinstance(case.body, dict) and _is_number(case.body.get("amount")):
        rounded = Decimal(repr(case.body["amount"])).quantize(Decimal("0.01"))
        case.body["amount"] = float(max(rounded, Decimal("0.01")))


@schemathesis.hook  # type: ignore[untyped-decorator] # it is not here where types are checked
def after_call(_context: object, case: Any, response: Any) -> None:  # noqa: ANN401 - untyped
    """Remember the token of a page."""
    if response.status_code == 200 and case.operation.path == "/refunds":
        token = json.loads(response.content).get("nextToken")
        if token:
            _tokens[token] = case.query["orderId"]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
