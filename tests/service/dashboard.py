"""The metrics that a CloudWatch dashboard draws, its shorthand spelled out."""

import json
from typing import Any


def metrics(body: str) -> set[tuple[str, str, frozenset[tuple[str, str]]]]:
    """Return namespace, name and dimensions of every metric of a dashboard's body."""
    found = set()
    for widget in json.loads(body)["widgets"]:
        before: list[str] = []
        for metric in widget["properties"].get("metrics", []):
            before = _spelled_out(metric, before)
            namespace, name, *dimensions = before
            pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
            found.add((namespace, name, frozenset(pairs)))
    return found


def _spelled_out(metric: list[Any], before: list[str]) -> list[str]:
    """Replace "." by the same field of the metric before, "..." by all but the rest.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
    """
    fields = [field for field in metric if isinstance(field, str)]
    if fields and fields[0] == "...":
        rest = fields[1:]
        return before[: len(before) - len(rest)] + rest
    return [
        before[place] if field == "." else field for place, field in enumerate(fields)
    ]
