"""Paths, methods, queries and tokens."""

import base64
import json
from collections.abc import Iterator
from uuid import UUID

from contract.hostile.case import (
    SECRET,
    HostileRequest,
    elsewhere,
    listing,
    named,
    reading,
)

ID = "0e6f3c52-7c0f-5d8a-9b55-2f1c53a1d9e4"
NOT_IDS = (
    ID.upper(), ID.replace("-", ""), f"%7B{ID}%7D", f"urn:uuid:{ID}", ID[:-1], f"{ID}0",
    f"{ID}%00", f"{ID}%0A", f"%20{ID}", f"{ID}.json", f"{ID},{ID}", "null",
    "0",
    "-1", "1e3", "true", "*", "%25", "%2A", "%00", "%0D%0AX:1", "%C3%A9",
    "%F0%9F%92%B6",
    "%FF", "%ED%A0%80", "%D9%A1", "$", "__proto__", "constructor", "REFUND%23x",
    "a" * 2_000,
    "%27%20OR%201=1", "$%7Bjndi:x%7D", ID.replace("0", "O"), "%30" + ID[1:] + "%20",
)  # fmt: skip
ELSEWHERE = (
    "/", "/refund", "/Refunds", "/REFUNDS", "/refundsx", f"/refunds/{ID}/x",
    "/refunds/a/b/c", "/admin", "/.env", "/.git/config", "/health", "/graphql",
    "/openapi.json",
    "/refunds%20", "/refunds%00", "/%72efundz", "/v1/refunds", "/test",
    "/%2e%2e/refundsx",
    "/refunds%2Fx%2Fy", "/r%C3%A9funds", "/" + "x" * 4_000,
)  # fmt: skip
METHODS = (
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "LOCK",
    "FOO",
)
LIMITS = {
    200: ("1", "100", "25", "001", "050"),
    400: ("", "0", "101", "-1", "+1", "1.0", "1e1", "0x1", "1%20", "%201", "%D9%A3",
          "NaN",
          "null", "true", "1000", "9" * 400, "%C2%B2", "1,2", "[]", "1;2", "%00", "1_0",
          "%FF"),
}  # fmt: skip
ORDERS = {
    200: ("HOSTILE-1", "A" * 64, ".", "..", "-", "_", "A%2D1", "%41"),
    400: ("", "A" * 65, "%20", "A+1", "A%2F1", "A%00", "A%0A", "%C3%A9", "%FF",
          "%F0%9F%92%B6",
          "ORDER%23A", "%25", "%2525", "%", "%zz", "%u0041", "*", "%27%20OR%201", "a:b",
          "[A]"),
}  # fmt: skip
QUERIES = {
    200: ("orderId=HOSTILE-1&unknown=1", "unknown=1&orderId=HOSTILE-1",
          "&&orderId=HOSTILE-1&&",
          "orderId=HOSTILE-1&__proto__=1", "order%49d=HOSTILE-1",
          "orderId=HOSTILE-1&=x",
          "orderId=HOSTILE-1&x=%FF", "orderId=HOSTILE-1&%00=1",
          "orderId=HOSTILE-1&" + "a=1&" * 500),
    400: ("", "orderId", "=", "&", "?orderId=HOSTILE-1", "OrderId=HOSTILE-1",
          "orderid=HOSTILE-1",
          "orderId%5B%5D=HOSTILE-1", "orderId[]=HOSTILE-1", "orderId.x=1",
          " orderId=1".strip() + "%20",
          "limit=1", "nextToken=x", "orderId=HOSTILE-1;limit=1", "q=" + SECRET),
}  # fmt: skip
# Of a repeated parameter API Gateway gives the last one.
REPEATED = {
    200: ("orderId=a%20b&orderId=HOSTILE-1", "orderId=HOSTILE-1&limit=0&limit=1",
          "orderId=HOSTILE-1&orderId=HOSTILE-1"),
    400: ("orderId=HOSTILE-1&orderId=", "orderId=HOSTILE-1&orderId=a%20b",
          "orderId=HOSTILE-1&limit=1&limit=0",
          "orderId=HOSTILE-1&nextToken=&nextToken=x"),
}  # fmt: skip
TIME = "2026-01-31T09:30:00.123Z"
PLACES: tuple[object, ...] = (
    None, 0, "x", {}, [], [1], ["HOSTILE-1", TIME], ["HOSTILE-1", TIME, ID, 1],
    ["HOSTILE-1", TIME, ID.upper()], ["HOSTILE-1", TIME, "x"], ["HOSTILE-1", TIME,
    None],
    ["HOSTILE-1", "now", ID], ["HOSTILE-1", 0, ID], ["HOSTILE-1", f"{TIME}\n", ID],
    ["HOSTILE-1", TIME.replace("0", "\u0660"), ID], ["OTHER", TIME, ID], [None, TIME,
    ID],
    ["HOSTILE-1", TIME, {"S": ID}], [["HOSTILE-1"], [TIME], [ID]], "\ud800", True,
)  # fmt: skip
NO_TOKENS = (
    "", "x", "xx", "xxx", "====", "a%20b", "%00", "%FF", "%F0%9F%92%B6", "+", "/", "-",
    "_",
    "W10", "bnVsbA", "e30", "null", "a" * 4_000, "%5B%5D", "../x", SECRET, "W10%3D",
    "W10=x",
)  # fmt: skip


def token(place: object) -> str:
    """Return what looks like one of ours."""
    raw = json.dumps(place).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def paths() -> Iterator[HostileRequest]:
    """No id that was ever given out, and nowhere at all."""
    for name, text in named(NOT_IDS):
        yield reading("paths", f"id {name}", text, 400)
    for number in range(3):
        unknown = str(UUID(int=number))
        yield reading("paths", f"unknown id {number}", unknown, 404)
    yield reading("paths", "an id with a query", f"{ID}?orderId=%FF&x", 404)
    yield reading("paths", "an id with a slash", f"{ID}/", 404)
    for name, text in named(ELSEWHERE):
        yield elsewhere("paths", name, "GET", text, 403)


def methods() -> Iterator[HostileRequest]:
    """Methods that no path of the API takes."""
    for path in ("/refunds", f"/refunds/{ID}", "/nowhere"):
        for method in METHODS:
            yield elsewhere("methods", f"{method} {path}", method, path, 403)
    yield elsewhere("methods", "POST one", "POST", f"/refunds/{ID}", 403)


def queries() -> Iterator[HostileRequest]:
    """Limits, orders, unknown and repeated parameters."""
    for status, texts in LIMITS.items():
        for name, text in named(texts):
            query = f"orderId=HOSTILE-1&limit={text}"
            yield listing("queries", f"{status} limit {name}", query, status)
    for status, texts in ORDERS.items():
        for name, text in named(texts):
            yield listing(
                "queries", f"{status} order {name}", f"orderId={text}", status
            )
    for kind, tables in (("queries", QUERIES), ("repeated parameters", REPEATED)):
        for status, texts in tables.items():
            for name, text in named(texts):
                yield listing(kind, f"{status} {name}", text, status)


def tokens() -> Iterator[HostileRequest]:
    """Tokens that are none, and one that was made up well."""
    for name, text in named(NO_TOKENS):
        query = f"orderId=HOSTILE-1&nextToken={text}"
        yield listing("tokens", name, query, 400)
    for name, place in named(PLACES):
        query = f"orderId=HOSTILE-1&nextToken={token(place)}"
        yield listing("tokens", f"of {name}", query, 400)
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode()
    query = f"orderId=HOSTILE-1&nextToken={deep}"
    yield listing("tokens", "deep", query, 400)
    for time in ("0000-00-00T00:00:00.000Z", "9999-99-99T99:99:99.999Z"):
        made_up = token(["HOSTILE-1", time, ID])
        query = f"orderId=HOSTILE-1&nextToken={made_up}"
        yield listing("tokens", f"made up for {time}", query, 200)


def targets() -> Iterator[HostileRequest]:
    """All of them."""
    yield from paths()
    yield from methods()
    yield from queries()
    yield from tokens()
