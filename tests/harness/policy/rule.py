"""What a rule is: an id, a sentence and a function that finds violations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from harness.policy.stack import Stack
from harness.template.resolver import Path


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks a rule; ``path`` is in the translated template."""

    path: Path
    message: str


type Check = Callable[[Stack], Iterator[Violation]]


class Holds(Enum):
    """For which parameter values a rule must hold."""

    ALWAYS = "with any parameter values"
    SOMEWHERE = "with at least one set of parameter values, as on production"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack."""

    id: str
    sentence: str
    check: Check
    holds: Holds = Holds.ALWAYS
