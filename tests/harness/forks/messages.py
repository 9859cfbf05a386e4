"""What a process tells the one that has made it."""

from enum import Enum, auto
from typing import NamedTuple


class Kind(Enum):
    """What a message is about, and what its content is."""

    BEGUN = auto()
    """A test begins: its node id."""
    ENDED = auto()
    """A test has ended: node id, location, serialized reports."""
    NOT_PUT_AWAY = auto()
    """So has the last one, and something of the session failed to: likewise."""
    WARNED = auto()
    """What pytest_warning_recorded is called with; the warning as `Warned`."""
    TOLD = auto()
    """What a plugin has to say: its name, and anything that can be pickled."""
    STOPPED = auto()
    """Somebody has set session.shouldfail, session.shouldstop: both."""
    INTERRUPTED = auto()
    """KeyboardInterrupt was raised."""
    EXIT = auto()
    """pytest.exit was called: reason, exit status or None."""
    DIED = auto()
    """What runs tests has failed: traceback."""
    DONE = auto()
    """The last message: nothing is left to put away."""
    LOST = auto()
    """Not told but noticed: the process is no more; how it has ended."""


class Message(NamedTuple):
    """A message; of its content each kind says the types."""

    kind: Kind
    content: tuple[object, ...] = ()
