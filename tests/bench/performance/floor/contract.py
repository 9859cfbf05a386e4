"""What a client may send, and what it is answered."""

import http.client
import json
import re
from decimal import Decimal

ORDER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def validate(body):
    try:
        fields = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return None, [("body", "must be valid JSON")]
    known = ("orderId", "amount", "reason")
    errors = [(name, "is not a known field") for name in fields if name not in known]
    order_id, amount, reason = (fields.get(name) for name in known)
    if not isinstance(order_id, str) or not ORDER_ID.fullmatch(order_id):
        errors.append(("orderId", "must be 1-64 characters of A-Z a-z 0-9 . _ -"))
    if not isinstance(amount, Decimal):
        errors.append(("amount", "must be a JSON number"))
    elif not 0 < amount <= Decimal("9999999.99"):
        errors.append(("amount", "must be above 0 and at most 9999999.99"))
    elif amount != (cents := amount.quantize(Decimal("0.01"))):
        errors.append(("amount", "must have at most 2 decimals"))
    else:
        fields["amount"] = cents
    if not isinstance(reason, str) or not reason.strip() or len(reason) > 500:
        errors.append(("reason", "must be 1-500 characters of text, not blank"))
    return fields, errors


def answer(status, body, correlation_id, **headers):
    kind = "problem+json" if status >= 400 else "json"
    given = {"Content-Type": f"application/{kind}", "X-Correlation-Id": correlation_id}
    text = json.dumps(body, separators=(",", ":"))
    return {"statusCode": status, "headers": given | headers, "body": text}


def problem(status, detail, correlation_id, **more):
    body = {
        "type": "about:blank",
        "title": http.client.responses[status].replace("Entity", "Content"),
        "status": status,
        "detail": detail,
        "correlationId": correlation_id,
    }
    return answer(status, body | more, correlation_id)
