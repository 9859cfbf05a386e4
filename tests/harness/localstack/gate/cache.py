"""Answers of LocalStack, kept until a call may have changed them."""

from collections.abc import Callable


class Cache[V]:
    """What ``load`` returned, by scope and key; a scope is dropped as a whole.

    A load that began before its scope was dropped is not kept: it writes into the
    mapping that was dropped.
    """

    def __init__(self, load: Callable[[str], V]) -> None:
        self._load = load
        self._scopes: dict[str, dict[str, V]] = {}

    def get(self, scope: str, key: str) -> V:
        """Return the value of ``key``, loading it when it is not kept."""
        kept = self._scopes.setdefault(scope, {})
        if key not in kept:
            kept[key] = self._load(key)
        return kept[key]

    def drop(self, scope: str) -> None:
        """Forget all of a scope."""
        self._scopes.pop(scope, None)

    def drop_below(self, prefix: str) -> None:
        """Forget all of the scopes whose names begin so."""
        for scope in list(self._scopes):
            if scope.startswith(prefix):
                self.drop(scope)
