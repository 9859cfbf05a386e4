"""Which properties of a resource LocalStack has really taken.

LocalStack hands a resource's properties to what makes it, its provider, which looks up
those that it knows. The others vanish without a word, so each look-up is noted.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

type Path = tuple[str, ...]

_MISSING = object()


class Reading:
    """What has been read of a resource's properties, and gone into a call.

    What is read by its name counts once a call follows. What is read with everything
    else, as a copy is made, counts where a call has a parameter of that name.
    """

    def __init__(self, logical_id: str) -> None:
        self.logical_id = logical_id
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


# Of the resource that calls of this thread make or change.
NOW: ContextVar[Reading | None] = ContextVar("what is read", default=None)


@contextmanager
def making(logical_id: str) -> Iterator[Reading]:
    """Have the calls of this thread be those that make or change a resource."""
    reading = Reading(logical_id)
    token = NOW.set(reading)
    try:
        yield reading
    finally:
        NOW.reset(token)


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
