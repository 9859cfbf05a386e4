"""What LocalStack spends time on that nobody here has a use for."""

import functools
import gc
from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

# Objects made between two searches for garbage; Python's own number is 2,000.
_MADE = 50_000


def install() -> None:
    """Save it."""
    # A million objects that stay are searched each time that a module is imported.
    gc.set_threshold(_MADE)
    _build_no_urls()


def keep_what_is_loaded() -> None:
    """Search what is there by now for garbage no more."""
    gc.freeze()


def _build_no_urls() -> None:
    # For each route werkzeug compiles two functions that build its URL, and LocalStack
    # adds each of its hundred routes to a new copy of all before it. It builds no URL.
    def compile_builder(rule: Any, append_unknown: bool = True) -> Callable[..., Any]:  # noqa: ANN401, FBT001, FBT002 - werkzeug's signature
        @functools.cache
        def compiled() -> Any:  # noqa: ANN401 - a function that werkzeug makes
            return original(rule, append_unknown)

        def build(*arguments: object, **values: object) -> object:
            return compiled()(*arguments, **values)

        return build

    rules: Any = Rule
    original = rules._compile_builder  # noqa: SLF001 - there is no option
    rules._compile_builder = compile_builder  # noqa: SLF001 - as above
