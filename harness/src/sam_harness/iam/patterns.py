"""Text that a policy compares with: wildcards and policy variables."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sam_harness.iam.request import ARN_PARTS, Context

# None: a variable could not be resolved, so nothing can be said about a match.
type Matcher = Callable[[str, Context], bool | None]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAME = re.compile(r"([^\s,'*?$]+:[^,'*?$]+?)(?:, *'([^']*)')?")


@dataclass(frozen=True, slots=True)
class Variable:
    """``${key, 'default'}``; without a key it stands for its default, literally."""

    key: str | None
    default: str | None

    def value(self, context: Context) -> str | None:
        """Resolve it; a multivalued key cannot be used as a variable."""
        values = context.get(self.key, ()) if self.key else ()
        return values[0] if len(values) == 1 else self.default


type Part = str | Variable


def _variable(body: str) -> Variable:
    if body in {"*", "?", "$"}:
        return Variable(None, body)
    found = _NAME.fullmatch(body.strip())
    if not found:
        raise ValueError(f"${{{body}}} is not a policy variable")
    return Variable(found[1].lower(), found[2])


def parse(pattern: str, *, variables: bool) -> tuple[Part, ...]:
    """Split a policy's text into literal text and variables."""
    if not variables:
        return (pattern,)
    pieces = _VARIABLE.split(pattern)
    if any("${" in piece for piece in pieces[::2]):
        raise ValueError(f"{pattern!r} has a variable without its closing brace")
    return tuple(
        _variable(piece) if index % 2 else piece for index, piece in enumerate(pieces)
    )


def is_static(parts: Sequence[Part]) -> bool:
    """Tell whether the text is the same for every request."""
    return all(isinstance(part, str) or part.key is None for part in parts)


def literal(parts: Sequence[Part], context: Context) -> str | None:
    """Join the text without wildcards; None when a variable has no value."""
    values = [part if isinstance(part, str) else part.value(context) for part in parts]
    return None if None in values else "".join(value or "" for value in values)


def _glob(parts: Sequence[Part], context: Context, colons: int) -> str | None:
    """Write a regular expression; wildcards cross ``:`` only after ``colons`` of it."""
    written, left = [], colons
    for part in parts:
        if isinstance(part, Variable):
            value = part.value(context)
            if value is None:
                return None
            written.append(re.escape(value))
            continue
        for character in part:
            left -= character == ":"
            one = "[^:]" if left > 0 else "."
            wildcard = {"*": one + "*", "?": one}
            written.append(wildcard.get(character) or re.escape(character))
    return "".join(written)


def _matcher(parts: tuple[Part, ...], *, colons: int = 0) -> Matcher:
    if is_static(parts):
        match = re.compile(_glob(parts, {}, colons) or "", re.DOTALL).fullmatch
        return lambda value, _: match(value) is not None

    def dynamic(value: str, context: Context) -> bool | None:
        pattern = _glob(parts, context, colons)
        if pattern is None:
            return None
        return re.fullmatch(pattern, value, re.DOTALL) is not None

    return dynamic


def like(pattern: str, *, variables: bool) -> Matcher:
    """Match with ``*`` and ``?`` anywhere, case-sensitively (StringLike)."""
    return _matcher(parse(pattern, variables=variables))


@lru_cache(maxsize=1024)  # the same few ARNs are in many policies
def arn_like(pattern: str, *, variables: bool) -> Matcher:
    """Match an ARN part by part: a wildcard stays within its part.

    The last part may hold colons of its own. A shorter pattern must end in ``*``.
    """
    if pattern == "*":
        return lambda _value, _context: True
    parts = parse(pattern, variables=variables)
    colons = sum(part.count(":") for part in parts if isinstance(part, str))
    if not pattern.startswith("arn:"):
        raise ValueError(f"{pattern!r} is neither an ARN nor *")
    if colons < ARN_PARTS - 1 and not pattern.endswith("*"):
        raise ValueError(f"{pattern!r} has fewer than the six parts of an ARN")
    return _matcher(parts, colons=min(colons, ARN_PARTS - 1))
