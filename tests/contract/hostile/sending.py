"""Sends hostile requests as they are written, byte by byte."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from contract.hostile.case import HostileRequest
from service.deployed import RefundService

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


def send(stack: RefundService, request: HostileRequest) -> Answer:
    """Send it over a connection of its own, so that none is disturbed by another.

    Raises:
        OSError: no answer came.
    """
    url = urlsplit(stack.api_url)
    assert url.hostname
    connection = HTTPConnection(url.hostname, url.port, timeout=TIMEOUT_S)
    try:
        connection.putrequest(request.method, f"{url.path}{request.target}")
        for name, value in request.headers:
            connection.putheader(name, value)
        if request.sends_key:
            connection.putheader("x-api-key", stack.api_key)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        body = answer.read().decode()
        return Answer(answer.status, dict(answer.getheaders()), body)
    finally:
        connection.close()
