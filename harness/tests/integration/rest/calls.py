"""How the tests call a REST API."""

import http.client
from contextlib import closing
from typing import Any, NamedTuple

import requests


def bearer(token: str) -> dict[str, str]:
    """Return the header that the authorisers of type TOKEN read."""
    return {"Authorization": token}


class Answer(NamedTuple):
    """A status and a body."""

    status: int
    body: bytes


def sent(
    verb: str, url: str, headers: list[tuple[str, str]], body: bytes = b""
) -> Answer:
    """Return what is answered to headers that may be repeated, on the path as it is."""
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.putrequest(verb, f"/{path}")
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())


def event_of(answer: requests.Response) -> dict[str, Any]:
    """Return the event that the function has got."""
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event
