"""HTTP to a LocalStack of this machine, whatever proxy the caller's environment has."""

from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    OpenerDirector,
    UnknownHandler,
)

# Not HTTPS: only to be ready for it takes 20 ms, for the system's certificates.
_HANDLERS = (HTTPHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor, UnknownHandler)


def _opener() -> OpenerDirector:
    opener = OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    return opener


# As urllib's own, which it is used like.
urlopen = _opener().open
