"""IAM's condition operators: how one policy value is compared with one request value.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import base64
import binascii
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network

from harness.iam.context import Context
from harness.iam.patterns import Matcher, arn_like, is_static, like, literal, parse

# Makes the matcher of one policy value; ValueError when the value cannot be right.
type Compile = Callable[[str, bool], Matcher]
type Order = Callable[[object, object], bool]

_W3C_DATE = re.compile(
    r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
_EPOCH = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator without its prefix and suffix; ``negated``: true if none match."""

    compile: Compile
    negated: bool = False


def _folded(fold: Callable[[str], str]) -> Compile:
    def compile_(policy: str, variables: bool) -> Matcher:  # noqa: FBT001 - a Compile
        parts = parse(policy, variables=variables)
        if is_static(parts):
            wanted = fold(literal(parts, {}) or "")
            return lambda value, _: fold(value) == wanted

        def dynamic(value: str, context: Context) -> bool | None:
            resolved = literal(parts, context)
            return None if resolved is None else fold(value) == fold(resolved)

        return dynamic

    return compile_


def _ordered(convert: Callable[[str], object], order: Order) -> Compile:
    def compile_(policy: str, _: bool) -> Matcher:  # noqa: FBT001 - a Compile
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
        value = Decimal(written.strip())
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


def _boolean(policy: str, variables: bool) -> Matcher:  # noqa: FBT001 - a Compile
    if is_static(parse(policy, variables=variables)) and policy.lower() not in {
        "true",
        "false",
    }:
        raise ValueError(f"{policy!r} is neither true nor false")
    return _folded(str.lower)(policy, variables)


def _within(policy: str, _: bool) -> Matcher:  # noqa: FBT001 - a Compile
    network = ip_network(policy, strict=False)

    def match(value: str, _: Context) -> bool:
        try:
            return ip_address(value) in network
        except ValueError:
            return False

    return match


def _same(value: str) -> str:
    return value


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


def _like(policy: str, variables: bool) -> Matcher:  # noqa: FBT001 - a Compile
    return like(policy, variables=variables)


def _arn(policy: str, variables: bool) -> Matcher:  # noqa: FBT001 - a Compile
    return arn_like(policy, variables=variables)


OPERATORS = {
    "StringEquals": Operator(_folded(_same)),
    "StringNotEquals": Operator(_folded(_same), negated=True),
    "StringEqualsIgnoreCase": Operator(_folded(str.casefold)),
    "StringNotEqualsIgnoreCase": Operator(_folded(str.casefold), negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    **_family("Numeric", number),
    **_family("Date", date),
    "Bool": Operator(_boolean),
    "BinaryEquals": Operator(_ordered(_binary, operator.eq)),
    "IpAddress": Operator(_within),
    "NotIpAddress": Operator(_within, negated=True),
    "ArnEquals": Operator(_arn),
    "ArnLike": Operator(_arn),
    "ArnNotEquals": Operator(_arn, negated=True),
    "ArnNotLike": Operator(_arn, negated=True),
}
