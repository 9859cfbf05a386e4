"""When Python searches LocalStack's process for garbage.

Of the million objects that LocalStack makes while it is imported all stay; to go
through them again and again took an eighth of a start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Python's own number is 2,000; LocalStack keeps most of what a call makes.
OBJECTS_BETWEEN_SEARCHES = 50_000


@contextmanager
def unsearched() -> Iterator[None]:
    """Search for none within, and what was loaded there not afterwards either."""
    gc.disable()
    try:
        yield
    finally:
        search_what_comes()


def search_what_comes() -> None:
    """Search for it from now on, but not in what is there by now."""
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    gc.enable()
