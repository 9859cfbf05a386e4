"""LocalStack's calls of itself, without what is sent along for AWS only.

A refund takes a dozen of them, none of which leaves the process. Of each call's three
milliseconds one went into a signature that nobody checks and into the header
User-Agent, which nobody reads.
"""

from http.client import HTTPMessage
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth
from botocore.useragent import UserAgentString


def install() -> None:
    """Leave it out; S3's signatures cover its checksums, too, and stay."""
    AUTH_TYPE_MAPS["v4"] = _Named
    agents: Any = UserAgentString
    agents.to_string = lambda _agent: "LocalStack"


class _Named(SigV4Auth):
    """Says who calls, when, and with which token, which is what LocalStack reads.

    The header Host is sent only where something else adds it: nothing looks at it.
    """

    def canonical_request(self, _request: object) -> str:
        """Return nothing: this is what would be signed."""
        return ""

    def string_to_sign(self, _request: object, canonical_request: str) -> str:
        """Return it as it is."""
        return canonical_request

    def signature(self, _string_to_sign: str, _request: object) -> str:
        """Return what looks like one."""
        return "0" * 64

    def headers_to_sign(self, _request: object) -> HTTPMessage:
        """Return none of them: they would be named in the header Authorization."""
        return HTTPMessage()
