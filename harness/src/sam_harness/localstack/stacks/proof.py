"""What of the stacks that are there cannot be proven, and what is known before.

What LocalStack takes of a resource's properties is noted by `reading`.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from sam_harness.localstack.stacks.reading import NOW

_DROPPED = "the emulator drops it"
_KEPT = "the emulator keeps it, though the template has it no more"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
_CUSTOM = "AWS::CloudFormation::CustomResource"
_PRETENDED = "the emulator has none, and would only say that it is there"


@cache
def known() -> Mapping[str, Mapping[str, Any]]:
    """Return ``known.toml``."""
    return tomllib.loads((files(__package__) / "known.toml").read_text())


class _Found(NamedTuple):
    """A resource: why each property that is not as the template says is not."""

    kind: str
    reasons: Mapping[str, str]
    has: set[str]


class Proof:
    """What of the stacks that are there cannot be proven; one per LocalStack.

    A property is told as ``A.B``, a resource that is merely pretended as "".
    """

    def __init__(self) -> None:
        self.allowed: set[str] = set()
        # By the stack's id, then by logical id.
        self._found: dict[str, dict[str, _Found]] = {}
        self._told: dict[str, set[str]] = {}

    def ask_leave(self, account: str, name: str, why: str) -> None:
        """Note that what a call asks for is in vain, where there is leave.

        Raises:
            ValueError: there is none.
        """
        kind, _, property_ = name.partition(".")
        made = reading.logical_id if (reading := NOW.get()) else ""
        if not self.allows(made, kind, property_):
            raise ValueError(
                f"{name}: {why} (--allow-unproven {name} lets it pass; a logical id "
                "only what its stack asks for)"
            )
        self.tell(account, f"{name}: {why}")

    def made(
        self, stack: str, logical_id: str, kind: str, dropped: set[str], has: set[str]
    ) -> None:
        """Note what of a resource is not there, now that it was made.

        ``has``: the properties that the template gives it, and those in them.
        """
        reasons = {name: _why(kind, name) for name in dropped}
        self._note(stack, logical_id, _Found(kind, reasons, has))

    def updated(
        self,
        stack: str,
        logical_id: str,
        dropped: set[str],
        kept: set[str],
        has: set[str],
    ) -> None:
        """Note what an update dropped, and what it kept that the template has no more.

        What it has not touched is as it was.
        """
        found = self._found[stack][logical_id]
        still = {
            name: why
            for name, why in found.reasons.items()
            if (name in has) is not (why == _KEPT)
        }
        now = {name: _why(found.kind, name) for name in dropped}
        reasons = still | now | dict.fromkeys(kept, _KEPT)
        self._note(stack, logical_id, _Found(found.kind, reasons, has))

    def lost(self, stack: str, logical_id: str, has: Collection[str]) -> set[str]:
        """Return the properties of a resource that the template has no more.

        Not those that were dropped: they were never there.
        """
        found = self._found.get(stack, {}).get(logical_id)
        if not found:
            return set()
        return {
            name
            for name in found.has - {*has}
            if "." not in name and found.reasons.get(name) != _DROPPED
        }

    def _note(self, stack: str, logical_id: str, found: "_Found") -> None:
        self._found.setdefault(stack, {})[logical_id] = found
        for name, why in found.reasons.items():
            if self.allows(logical_id, found.kind, name):
                self.tell(stack.split(":")[4], f"{_called(found.kind, name)}: {why}")

    def tell(self, account: str, line: str) -> None:
        """Note what an account's stacks cannot show, and fail not for."""
        self._told.setdefault(account, set()).add(line)

    def note(self, account: str, name: str) -> None:
        """Note that what was asked for is without effect, where that is known."""
        if why := without_effect().get(name):
            self.tell(account, f"{name}: {why}")

    def unproven(self, stack: str) -> Iterator[tuple[str, str, str]]:
        """Yield logical id, type and reason of what fails a stack."""
        for logical_id, (kind, reasons, _) in self._found.get(stack, {}).items():
            for name, why in sorted(reasons.items()):
                if not self.allows(logical_id, kind, name):
                    yield logical_id, kind, without(_called(kind, name), why)

    def lines(self, account: str) -> list[str]:
        """Return what an account's stacks cannot show, each with its reason."""
        return sorted(self._told.get(account, ()))

    def allows(self, logical_id: str, kind: str, name: str) -> bool:
        """Tell whether a property or attribute of a resource may be missing."""
        leave = self.allowed | without_effect().keys()
        return any(one in leave for one in (logical_id, *_covering(kind, name)))


PROOF = Proof()


def without_effect() -> Mapping[str, str]:
    """Return what is known to be without effect here, and why."""
    return known()["without-effect"]


@cache
def kept_in_vain() -> Mapping[str, str]:
    """Return what LocalStack takes and does not use, and what is missing for it."""
    return {**without_effect(), **known()["unused"]}


def unused(kind: str) -> str:
    """Return why all of a type is there in vain; empty where it is not."""
    return str(known()["unused"].get(_listed(kind), ""))


def default(kind: str, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return what an update must set where the template has a property no more.

    None: that is not known.
    """
    return known()["defaults"].get(f"{kind}.{name}")


def sets_anew(kind: str, name: str) -> bool:
    """Tell whether an update takes away what the template has no more."""
    return any(one in known()["set-anew"]["names"] for one in _covering(kind, name))


def refusal(kind: str) -> str:
    """Return why a type is refused, with leave or without; empty where it is not."""
    reason = known()["refused"].get(kind)
    return f"{kind} is not emulated: {reason}" if reason else ""


def without(name: str, why: str) -> str:
    """Say why a type or property fails a deployment, and how to do without it."""
    return f"{name}: {why} (--allow-unproven {name} deploys the rest)"


def _called(kind: str, name: str) -> str:
    return f"{kind}.{name}" if name else kind


def _covering(kind: str, name: str) -> Iterator[str]:
    """Yield a property's own name, then that of each that it is a part of."""
    while name:
        yield f"{kind}.{name}"
        name = name.rpartition(".")[0]
    yield kind


def _listed(kind: str) -> str:
    return _CUSTOM if kind.startswith("Custom::") else kind


def _why(kind: str, name: str) -> str:
    reasons = (kept_in_vain().get(one) for one in _covering(_listed(kind), name))
    return next(filter(None, reasons), _DROPPED if name else _PRETENDED)
