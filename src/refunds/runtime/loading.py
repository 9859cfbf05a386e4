"""No garbage collection while an entry point loads: all of it is there to stay.

Entry points import this before all else of ours, and call `done` at their end.
"""

import gc

gc.disable()


def done() -> None:
    """Collect again, but never look through what was loaded."""
    gc.freeze()
    gc.enable()
