"""The request context: condition keys in lower case, each with its values."""

from collections.abc import Iterable, Mapping

from harness.iam.errors import MalformedRequest

type Context = Mapping[str, tuple[str, ...]]


def text(value: object) -> str:
    """Write a JSON scalar the way IAM compares it (``true``, ``10``)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise MalformedRequest(f"not a string, number or boolean: {value!r}")


def context_of(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Normalise condition keys and values; key names are case-insensitive."""
    context = {}
    for key, value in values.items():
        if key.lower() in context:
            raise MalformedRequest(f"context key {key} is given twice")
        scalar = isinstance(value, str) or not isinstance(value, Iterable)
        context[key.lower()] = (
            (text(value),) if scalar else tuple(text(one) for one in value)  # type: ignore[attr-defined]  # not scalar
        )
    return context
