"""A statement's Condition element, compiled to one test per operator and key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
"""

import base64
import binascii
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from typing import cast

from sam_harness.iam.patterns import Matcher, arn_like, is_static, like, literal, parse
from sam_harness.iam.request import Context, MalformedRequest, several, text

type Order = Callable[[object, object], bool]
# Makes the matcher of a policy's text, in which there may be ``variables``; ValueError
# when the text cannot be right.
type Compile = Callable[..., Matcher]

_W3C_DATE = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_EPOCH = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on a request, and all ``keys`` that it depends on, in lower case."""

    keys: tuple[str, ...]
    holds: Callable[[Context], bool]

    def match(self, context: Context, unknown: tuple[str, ...], *, doubt: bool) -> bool:
        """Tell whether it holds; ``doubt`` where a key begins as an ``unknown`` one."""
        for key in self.keys if unknown else ():
            if key.startswith(unknown) and key not in context:
                return doubt
        return self.holds(context)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator without its prefix and suffix; ``negated``: true if none match."""

    compile: Compile
    negated: bool = False


def _folded(fold: Callable[[str], str]) -> Compile:
    def compile_(policy: str, *, variables: bool) -> Matcher:
        parts = parse(policy, variables=variables)

        def match(value: str, context: Context) -> bool | None:
            resolved = literal(parts, context)
            return None if resolved is None else fold(value) == fold(resolved)

        return match

    return compile_


def _ordered(convert: Callable[[str], object], order: Order) -> Compile:
    def compile_(policy: str, *, variables: bool) -> Matcher:  # noqa: ARG001 - has none
        wanted = convert(policy)

        def match(value: str, _: Context) -> bool:
            try:
                return order(convert(value), wanted)
            except ValueError:
                return False  # a request value of another type matches nothing

        return match

    return compile_


def number(written: str) -> Decimal:
    """Read an integer or decimal number."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        raise ValueError(f"{written!r} is not a number") from None
    if not value.is_finite():
        raise ValueError(f"{written!r} is not a number")
    return value


def date(written: str) -> datetime:
    """Read a W3C date (UTC unless it says otherwise) or seconds since 1970."""
    if _W3C_DATE.fullmatch(written):
        moment = datetime.fromisoformat(written + "-01-01"[max(len(written) - 4, 0) :])
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if _EPOCH.fullmatch(written):
        try:
            return datetime.fromtimestamp(float(written), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{written!r} is no date: {error}") from None
    raise ValueError(f"{written!r} is neither an ISO 8601 date nor epoch seconds")


def _binary(written: str) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except binascii.Error:
        raise ValueError(f"{written!r} is not base64") from None


def _boolean(policy: str, *, variables: bool) -> Matcher:
    if is_static(parse(policy, variables=variables)) and policy.lower() not in {
        "true",
        "false",
    }:
        raise ValueError(f"{policy!r} is neither true nor false")
    return _folded(str.lower)(policy, variables=variables)


def _within(policy: str, *, variables: bool) -> Matcher:  # noqa: ARG001 - has none
    network = ip_network(policy, strict=False)

    def match(value: str, _: Context) -> bool:
        try:
            return ip_address(value) in network
        except ValueError:
            return False

    return match


def _family(prefix: str, convert: Callable[[str], object]) -> dict[str, Operator]:
    orders: dict[str, Order] = {
        "Equals": operator.eq,
        "LessThan": operator.lt,  # type: ignore[dict-item]  # both sides are converted
        "LessThanEquals": operator.le,  # type: ignore[dict-item]  # likewise
        "GreaterThan": operator.gt,  # type: ignore[dict-item]  # likewise
        "GreaterThanEquals": operator.ge,  # type: ignore[dict-item]  # likewise
    }
    family = {
        prefix + name: Operator(_ordered(convert, order))
        for name, order in orders.items()
    }
    not_equals = Operator(_ordered(convert, operator.eq), negated=True)
    return family | {f"{prefix}NotEquals": not_equals}


OPERATORS = {
    "StringEquals": Operator(_folded(str)),
    "StringNotEquals": Operator(_folded(str), negated=True),
    "StringEqualsIgnoreCase": Operator(_folded(str.casefold)),
    "StringNotEqualsIgnoreCase": Operator(_folded(str.casefold), negated=True),
    "StringLike": Operator(like),
    "StringNotLike": Operator(like, negated=True),
    **_family("Numeric", number),
    **_family("Date", date),
    "Bool": Operator(_boolean),
    "BinaryEquals": Operator(_ordered(_binary, operator.eq)),
    "IpAddress": Operator(_within),
    "NotIpAddress": Operator(_within, negated=True),
    "ArnEquals": Operator(arn_like),
    "ArnLike": Operator(arn_like),
    "ArnNotEquals": Operator(arn_like, negated=True),
    "ArnNotLike": Operator(arn_like, negated=True),
}
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
    values = several(value)
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
    lowered = key.lower()
    if name == "Null":
        return Test((lowered,), _null(lowered, values))
    base = bare.removesuffix("IfExists")
    if base not in OPERATORS or (prefix and prefix not in _QUANTIFIERS):
        raise ValueError(f"unknown condition operator {name!r}")
    compared = OPERATORS[base]
    matchers = [compared.compile(value, variables=variables) for value in values]
    missing = (
        base != bare or prefix == "ForAllValues" or (compared.negated and not prefix)
    )
    # Several request values need ForAllValues or ForAnyValue. IAM does not say what
    # happens without; the stricter reading is taken: allow only if all, deny if any.
    quantifier = _QUANTIFIERS.get(prefix, any if deny else all)
    holds = _one_value(compared, matchers, deny=deny)
    found = [parse(value, variables=variables) for value in values]
    others = [one.key for parts in found for one in parts if not isinstance(one, str)]

    def test(context: Context) -> bool:
        found = context.get(lowered, ())
        if not found or (prefix and not any(found)):
            return missing
        return quantifier(holds(value, context) for value in found)

    return Test((lowered, *filter(None, others)), test)


def _one_value(
    compared: Operator, matchers: list[Matcher], *, deny: bool
) -> Callable[[str, Context], bool]:
    def holds(value: str, context: Context) -> bool:
        results = [match(value, context) for match in matchers]
        if not compared.negated:
            return True in results
        # An unresolved variable makes nothing unequal that an Allow could rest on.
        return True not in results and (deny or None not in results)

    return holds


def _null(key: str, values: list[str]) -> Callable[[Context], bool]:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise ValueError(f"Null for {key} is neither true nor false")
    return lambda context: ("false" if context.get(key) else "true") in wanted
