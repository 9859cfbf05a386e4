"""Scalars of a template as the type of their property: `1` where a text belongs is "1".

CloudFormation makes no difference between them; LocalStack hands on what YAML had.
"""

from collections.abc import Mapping
from typing import Any

from sam_harness.iam.request import text

_BOOLEANS = {"true": True, "false": False}


def typed(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return a value as the schema of its property has it.

    ``whole``: the schema of the resource, which has the definitions.
    """
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    schema = whole.get("definitions", {}).get(name, schema)
    if isinstance(value, dict):
        known = schema.get("properties", {})
        others: Any = next(iter(schema.get("patternProperties", {}).values()), {})
        return {
            key: typed(item, known.get(key, others), whole)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [typed(item, schema.get("items", {}), whole) for item in value]
    return _scalar(value, schema.get("type"))


def _scalar(value: Any, kind: object) -> Any:  # noqa: ANN401 - JSON
    if kind == "string" and isinstance(value, bool | int | float):
        return text(value)
    if isinstance(value, str):
        try:
            if kind == "integer":
                return int(value)
            if kind == "number":
                return float(value)
        except ValueError:
            return value  # the service says what is wrong with it
        if kind == "boolean":
            return _BOOLEANS.get(value.lower(), value)
    return value
