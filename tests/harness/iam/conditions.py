"""A statement's Condition element, compiled to one test per operator and key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from harness.iam.context import Context, text
from harness.iam.errors import MalformedRequest
from harness.iam.operators import OPERATORS, Operator
from harness.iam.patterns import Matcher

type Test = Callable[[Context], bool]

_QUANTIFIERS: dict[str, Callable[[Iterable[bool]], bool]] = {
    "ForAllValues": all,
    "ForAnyValue": any,
}


def compile_conditions(element: object, *, deny: bool, variables: bool) -> list[Test]:
    """Compile the element; every test must be true for the statement to apply.

    Raises:
        ValueError: an unknown operator, or a value its operator cannot have.

    """
    return [
        _test(name, key, _values(values, key), deny=deny, variables=variables)
        for name, keys in _mapping(element, "Condition").items()
        for key, values in _mapping(keys, name).items()
    ]


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is not a JSON object")  # noqa: TRY004 - see compile
    return cast("Mapping[str, object]", value)


def _values(value: object, key: str) -> list[str]:
    if ":" not in key:
        raise ValueError(f"condition key {key!r} has no prefix such as aws:")
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError(f"condition key {key} has no value to compare with")
    try:
        return [text(one) for one in values]
    except MalformedRequest as error:
        raise ValueError(f"condition key {key}: {error}") from None


def _test(
    name: str, key: str, values: list[str], *, deny: bool, variables: bool
) -> Test:
    prefix, _, bare = name.rpartition(":")
    if name == "Null":
        return _null(key.lower(), values)
    base = bare.removesuffix("IfExists")
    if base not in OPERATORS or (prefix and prefix not in _QUANTIFIERS):
        raise ValueError(f"unknown condition operator {name!r}")
    operator = OPERATORS[base]
    matchers = [operator.compile(value, variables) for value in values]
    missing = _when_missing(operator, prefix, if_exists=base != bare)
    # Several request values need ForAllValues or ForAnyValue. IAM does not say what
    # happens without; the stricter reading is taken: allow only if all, deny if any.
    quantifier = _QUANTIFIERS.get(prefix, any if deny else all)
    holds = _one_value(operator, matchers, deny=deny)
    lowered = key.lower()

    def test(context: Context) -> bool:
        found = context.get(lowered, ())
        if not found or (prefix and not any(found)):
            return missing
        return quantifier(holds(value, context) for value in found)

    return test


def _when_missing(operator: Operator, prefix: str, *, if_exists: bool) -> bool:
    if if_exists or prefix == "ForAllValues":
        return True
    return operator.negated and not prefix


def _one_value(
    operator: Operator, matchers: list[Matcher], *, deny: bool
) -> Callable[[str, Context], bool]:
    if len(matchers) == 1 and not operator.negated:
        only = matchers[0]
        return lambda value, context: bool(only(value, context))

    def holds(value: str, context: Context) -> bool:
        results = [match(value, context) for match in matchers]
        if not operator.negated:
            return True in results
        # An unresolved variable makes nothing unequal that an Allow could rest on.
        return True not in results and (deny or None not in results)

    return holds


def _null(key: str, values: list[str]) -> Test:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise ValueError(f"Null for {key} is neither true nor false")
    return lambda context: ("false" if context.get(key) else "true") in wanted
