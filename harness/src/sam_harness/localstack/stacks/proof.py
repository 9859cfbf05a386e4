"""Which properties of a resource LocalStack has really taken.

LocalStack hands a resource's properties to what makes it, its provider, which looks up
those that it knows. The others vanish without a word, so each look-up is noted.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

type Path = tuple[str, ...]

_MISSING = object()
_DROPPED = "the emulator drops it"
_KEPT = "the emulator keeps it, though the template has it no more"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
_CUSTOM = "AWS::CloudFormation::CustomResource"
_PRETENDED = "the emulator has none, and would only say that it is there"


class Reading:
    """What has been read of a resource's properties, and gone into a call.

    What is read by its name counts once a call follows. What is read with everything
    else, as a copy is made, counts where a call has a parameter of that name.
    """

    def __init__(self) -> None:
        self.used: set[Path] = set()
        self._named: set[Path] = set()
        self._copied: set[Path] = set()
        self._calls = 0

    def note(self, path: Path, *, copied: bool = False) -> None:
        """Note that a property is looked up, by its name or with all others."""
        is_outermost = len(path) == 1
        (self._copied if copied and is_outermost else self._named).add(path)

    def taken(self, path: Path) -> None:
        """Note that a property is taken out, perhaps to give it another name."""
        if path not in self._copied:
            self.note(path)

    def called(self, request: object) -> None:
        """Note a call, and what goes with it."""
        self._calls += 1
        told = repr(request).lower()
        self.used |= self._named
        self.used |= {path for path in self._copied if path[0].lower() in told}

    @property
    def has_called(self) -> bool:
        """Whether anything was called: without a call nothing has changed."""
        return self._calls > 0

    def done(self) -> set[Path]:
        """Return what was used in the end."""
        return self.used if self._calls else self._named | self._copied


class Watched(dict[str, Any]):
    """A resource's properties, each look-up of which is noted.

    Lists have no places: what is read of one item is read of all.
    """

    # ruff: noqa: D102 - its methods are dict's

    def __init__(
        self, content: Mapping[str, Any], reading: Reading, path: Path = ()
    ) -> None:
        super().__init__()
        # As a dict, whatever it is: to look here is no look-up.
        for key, value in dict.items(cast("dict[str, Any]", content)):
            super().__setitem__(key, _watched(value, reading, (*path, key)))
        self._reading = reading
        self._path = path
        self._copying: set[str] = set()

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - JSON
        self._reading.note((*self._path, key), copied=key in self._copying)
        self._copying.discard(key)
        return super().__getitem__(key)

    def keys(self) -> Any:  # noqa: ANN401 - a view in all but name
        # ** and dict() ask for these, then for each value.
        self._copying = set(super().keys())
        return list(super().keys())

    # Without it ** and dict() would take the values past all this.
    def __iter__(self) -> Iterator[str]:
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        return self[key] if key in self else default  # noqa: SIM401 - this is it

    def pop(self, key: str, *default: Any) -> Any:  # noqa: ANN401 - JSON
        self._reading.taken((*self._path, key))
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        return self[key] if key in self else super().setdefault(key, default)

    def items(self) -> Any:  # noqa: ANN401 - a view in all but name
        return [(key, self[key]) for key in self.keys()]

    def values(self) -> Any:  # noqa: ANN401 - a view in all but name
        return [self[key] for key in self.keys()]

    def copy(self) -> "Watched":
        return Watched(self, self._reading, self._path)

    def __copy__(self) -> "Watched":
        return self.copy()

    def __deepcopy__(self, _memo: object) -> "Watched":
        return self.copy()


def _watched(value: object, reading: Reading, path: Path) -> object:
    if isinstance(value, dict):
        return Watched(value, reading, path)
    if isinstance(value, list):
        return [_watched(item, reading, path) for item in value]
    return value


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what is not watched any more."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return [plain(item) for item in value] if isinstance(value, list) else value


def unread(
    content: Mapping[str, Any],
    read: set[Path],
    before: Mapping[str, Any] | None = None,
    path: Path = (),
) -> Iterator[str]:
    """Yield the properties that were not read, as ``A.B``, the outermost of each.

    Not a new one that is an empty list or object, from which nothing follows.

    ``before``: those of the resource before an update. What has not changed since need
    not be read again.
    """
    for key, value in content.items():
        here = (*path, key)
        was = before.get(key, _MISSING) if before is not None else _MISSING
        if _same(value, was) or (was is _MISSING and value in ([], {})):
            continue
        if here not in read:
            yield ".".join(here)
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                below = was if isinstance(was, dict) else None
                yield from unread(item, read, below, here)


def paths(content: object, path: Path = ()) -> Iterator[tuple[str, object]]:
    """Yield every property, as ``A.B``, and those below it, each with its value."""
    for item in content if isinstance(content, list) else [content]:
        for key, value in item.items() if isinstance(item, dict) else ():
            yield ".".join((*path, key)), value
            yield from paths(value, (*path, key))


def names(content: object) -> set[str]:
    """Return every property that asks for something."""
    nothing = (False, "false", "")  # nor a zero
    return {name for name, value in paths(content) if value not in nothing}


def _same(value: object, other: object) -> bool:
    return value == other or (
        isinstance(value, str | int) and str(value).lower() == str(other).lower()
    )


@cache
def known() -> Mapping[str, Mapping[str, str]]:
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
            if self._is_allowed(logical_id, found.kind, name):
                self.tell(stack, f"{_called(found.kind, name)}: {why}")

    def tell(self, stack: str, line: str) -> None:
        """Note what a stack cannot show, and fails not for."""
        self._told.setdefault(stack.split(":")[4], set()).add(line)

    def unproven(self, stack: str) -> Iterator[tuple[str, str, str]]:
        """Yield logical id, type and reason of what fails a stack."""
        for logical_id, (kind, reasons, _) in self._found.get(stack, {}).items():
            for name, why in sorted(reasons.items()):
                if not self._is_allowed(logical_id, kind, name):
                    yield logical_id, kind, without(_called(kind, name), why)

    def lines(self, account: str) -> list[str]:
        """Return what an account's stacks cannot show, each with its reason."""
        return sorted(self._told.get(account, ()))

    def _is_allowed(self, logical_id: str, kind: str, name: str) -> bool:
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
    return known()["unused"].get(_listed(kind), "")


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
