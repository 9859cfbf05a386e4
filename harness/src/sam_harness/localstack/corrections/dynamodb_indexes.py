"""What an index is asked for that it does not have. Imports nothing foreign.

A global index has no more. A local one fetches it from its table, which moto does not:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
"""

import re
from collections.abc import Mapping
from typing import Any

type Values = Mapping[str, Any]

# Begins a path, of names or their placeholders.
_NAME = re.compile(r"(?:^|,)\s*(#?\w+)")


def check(request: Values, index: Values, keys: set[str]) -> None:
    """Check what is read of an index; ``keys`` are the names of its and its table's.

    Raises:
        ValueError: it does not have that.

    """
    projection = index.get("Projection") or {}
    if projection.get("ProjectionType", "ALL") == "ALL":
        return
    name = index["IndexName"]
    names = request.get("ExpressionAttributeNames") or {}
    asked = _NAME.findall(request.get("ProjectionExpression") or "")
    wanted = {names.get(one, one) for one in asked} | {
        *(request.get("AttributesToGet") or ())
    }
    lacking = sorted(wanted - keys - {*(projection.get("NonKeyAttributes") or ())})
    everything = request.get("Select") == "ALL_ATTRIBUTES"
    if index["IsLocal"] and (lacking or everything):
        what = "whole items" if everything else ", ".join(lacking)
        raise ValueError(
            f"The local secondary index {name} does not project {what}: DynamoDB would "
            "fetch that from its table, which the emulator cannot"
        )
    wrong = "One or more parameter values were invalid: "
    if everything:
        raise ValueError(
            f"{wrong}Select type ALL_ATTRIBUTES is not supported for global secondary "
            f"index {name} because its projection type is not ALL"
        )
    if lacking:
        raise ValueError(
            f"{wrong}Global secondary index {name} does not project "
            f"[{', '.join(lacking)}]"
        )
