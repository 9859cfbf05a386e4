"""What DynamoDB leaves out of an answer, and moto does not.

Imports nothing foreign.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
"""

from collections.abc import Mapping
from typing import Any

type Values = Mapping[str, Any]

_ON_REQUEST = ("ConsumedCapacity", "ItemCollectionMetrics")


def asked_for(request: Values, answer: Values) -> Values:
    """Return an answer without what was not asked for, and without no attributes."""
    unasked = {
        name
        for name in _ON_REQUEST
        if request.get(f"Return{name}", "NONE") in {"NONE", None}
    }
    if not answer.get("Attributes"):
        unasked.add("Attributes")
    return {name: value for name, value in answer.items() if name not in unasked}
