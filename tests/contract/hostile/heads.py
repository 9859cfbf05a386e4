"""Headers and their casing, content types, idempotency keys, API keys."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from contract.hostile.case import (
    JSON,
    SECRET,
    Header,
    HostileRequest,
    listing,
    named,
    post,
    reading,
    refund,
)

CONTENT_TYPES = {
    202: ("application/json", "APPLICATION/JSON", "Application/Json",
          "application/json;charset=utf-8", "application/json ; charset=UTF-8",
          "application/json; charset=utf-16", "application/json;;;",
          " application/json"),
    400: ("", "text/plain", "text/json", "application/xml", "application/problem+json",
          "application/vnd.api+json", "application/jsonp",
          "application/json-patch+json",
          "application/x-www-form-urlencoded", "*/*",
          "application/*", "json", "/", "application/json, text/plain",
          "application/json\tx", "image/png", "application/octet-stream",
          "text/html;application/json", "a" * 1_000),
}  # fmt: skip
KEYS = {
    202: ("!", "~", "a" * 255, "null", "0", "../..", "${x}", "a,b", '"quoted"', "%00"),
    400: ("", "a b", "a" * 256, "a" * 4_000, b"\xe9", "é".encode(), b"\x7f", "a\tb"),
}
HARMLESS: tuple[Header, ...] = (
    ("Authorization", f"Bearer {SECRET}"), ("Cookie", f"session={SECRET}"),
    ("Proxy-Authorization", f"Basic {SECRET}"), ("X-Amz-Security-Token", SECRET),
    ("X-Forwarded-For", "127.0.0.1, ::1"), ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "gopher"), ("Forwarded", "for=_x"), ("Via", "1.0 x"),
    ("X-HTTP-Method-Override", "DELETE"), ("X-Original-URL", "/admin"),
    ("Accept", "text/html"), ("Accept", "application/xml;q=1"), ("Accept", "nonsense"),
    ("Accept-Encoding", "gzip;q=0, *"), ("Accept-Language", "tlh"), ("Range",
    "bytes=0-1"),
    ("If-Match", '"x"'), ("If-None-Match", "*"), ("Expect-CT", "x"), ("Origin", "null"),
    ("Access-Control-Request-Method", "DELETE"), ("User-Agent", "${jndi:ldap://x}"),
    ("User-Agent", "\x1b[31m"), ("Referer", f"https://example.com/?token={SECRET}"),
    ("X-Amzn-Trace-Id", "Root=nonsense"), ("X-Amzn-Trace-Id",
    "Root=;Parent=;Sampled=9"),
    ("X-Amzn-Trace-Id", ";;;==="), ("X-Amz-Date", "0"), ("traceparent", "00-0-0-00"),
    ("X-Correlation-Id", ""), ("X-Correlation-Id", "a b"), ("X-Correlation-Id",
    "x" * 65),
    ("X-Correlation-Id", "x" * 4_000), ("X-Correlation-Id", b"\xff\xfe"),
    ("X-Correlation-Id", "a\x0bb"), ("X-Empty", ""), ("X-" + "n" * 500, "1"),
    ("X-Long", "v" * 6_000), ("__proto__", "1"), ("X_Under_Score", "1"), ("0", "0"),
)  # fmt: skip
WRONG_API_KEYS: tuple[str | bytes, ...] = (
    "", " ", "x", "null", "undefined", "*", "%", "' OR '1'='1", "a" * 20, "a" * 128,
    "a" * 4_000, b"\xff", "é".encode(), "key-1", SECRET,
)  # fmt: skip


def headers() -> Iterator[HostileRequest]:
    """Headers that are to be ignored, and some that come twice."""
    for name, header in named(HARMLESS):
        yield post("headers", name, refund(), 202, more=(header,))
        if header[0].startswith(("X-Correlation", "X-Amzn", "Accept")):
            query = listing("headers", f"GET {name}", "orderId=HOSTILE-1", 200)
            yield replace(query, headers=(header,))
    for cased in ("content-type", "CONTENT-TYPE", "cOnTeNt-TyPe"):
        written = ((cased, "application/json"),)
        yield post("headers", cased, refund(), 202, headers=written)
    for cased in ("idempotency-key", "IDEMPOTENCY-KEY"):
        yield post("headers", cased, refund(), 400, more=((cased, "a b"),))
    twice = (("Idempotency-Key", "one"), ("Idempotency-Key", "two"))
    yield post("headers", "two keys", refund(), 202, 400, more=twice)
    both = (("Content-Type", "text/plain"), *JSON)
    yield post(
        "headers", "two types, the last is right", refund(), 202, 400, headers=both
    )
    many = tuple((f"X-Many-{number}", "1") for number in range(60))
    yield post("headers", "sixty more", refund(), 202, more=many)


def content_types() -> Iterator[HostileRequest]:
    """One is right, however it is written."""
    for status, texts in CONTENT_TYPES.items():
        for name, text in named(texts):
            written = (("Content-Type", text),)
            yield post("content types", name, refund(), status, headers=written)
    yield post("content types", "none", refund(), 400, headers=())


def idempotency_keys() -> Iterator[HostileRequest]:
    """Visible ASCII; two orders may have the same one."""
    for status, texts in KEYS.items():
        for name, key in named(texts):
            for order in ("HOSTILE-KEY-1", "HOSTILE-KEY-2"):
                body = refund(orderId=order)
                more: tuple[Header, ...] = (("Idempotency-Key", key),)
                name_here = f"{status} {name} {order}"
                yield post("keys", name_here, body, status, more=more)
    used = (("Idempotency-Key", "used"),)
    body = refund(orderId="HOSTILE-KEY-3")
    yield post("keys", "first use", body, 202, more=used)
    yield post("keys", "the same again", body, 202, more=used)
    for field, value in (("amount", 2), ("reason", "another")):
        other = refund(orderId="HOSTILE-KEY-3", **{field: value})
        yield post("keys", f"used with another {field}", other, 422, more=used)


def api_keys() -> Iterator[HostileRequest]:
    """Only the right one, in its header."""
    for request in (
        post("API keys", "POST", refund(), 403),
        listing("API keys", "GET", "orderId=HOSTILE-1", 403),
        reading("API keys", "GET one", str(UUID(int=0)), 403),
    ):
        yield replace(request, name=f"{request.name} none", sends_key=False)
        for name, key in named(WRONG_API_KEYS):
            yield replace(
                request,
                name=f"{request.name} {name}",
                headers=(*request.headers, ("x-api-key", key)),
                sends_key=False,
            )
    query = listing("API keys", "in the query", "orderId=A&x-api-key=a", 403)
    yield replace(query, sends_key=False)


def heads() -> Iterator[HostileRequest]:
    """All of them."""
    yield from headers()
    yield from content_types()
    yield from idempotency_keys()
    yield from api_keys()
