"""An API Gateway proxy event as a typed object; reading one never fails."""

from __future__ import annotations

import re
from typing import NamedTuple

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class ApiRequest(NamedTuple):
    """One HTTP request; header names are lower case."""

    path: str
    path_parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    is_base64: bool
    correlation_id: str


def read_request(event: dict[str, object], fallback_id: str) -> ApiRequest:
    """Read the event; the fallback id correlates a request that brings no id."""
    context = _mapping(event.get("requestContext"))
    headers = {
        name.lower(): value for name, value in _texts(event.get("headers")).items()
    }
    given_id = headers.get("x-correlation-id", "")
    if not _CORRELATION_ID.fullmatch(given_id):
        given_id = _text(context.get("requestId")) or fallback_id
    return ApiRequest(
        # Behind a stage or a custom domain only the context's path has the prefix.
        path=_text(context.get("path")) or _text(event.get("path")),
        path_parameters=_texts(event.get("pathParameters")),
        query=_texts(event.get("queryStringParameters")),
        headers=headers,
        body=_text(event.get("body")),
        is_base64=event.get("isBase64Encoded") is True,
        correlation_id=given_id,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> dict[str, str]:
    return {
        name: text
        for name, text in _mapping(value).items()
        if isinstance(name, str) and isinstance(text, str)
    }
