"""Bodies: types, numbers, nesting, size, encodings, Unicode, duplicate keys."""

import gzip
import json
from collections.abc import Iterator

from contract.hostile.case import SECRET, HostileRequest, named, post, refund

ANY_TYPE: tuple[object, ...] = (
    None, True, False, 0, -1, 2.5, "", "1", [], ["HOSTILE-1"], {}, {"value": 1},
)  # fmt: skip
VALID_TYPES: dict[str, set[object]] = {
    "orderId": {"1"},
    "amount": {2.5},
    "reason": {"1"},
}
NUMBERS = {
    202: ("0.01", "1e-2", "1E2", "0.1e1", "1.10", "1.000000000000", "9999999.99",
          "9999999.990", "1e6", "100e-2", "1.0e+0", "999999999e-2"),
    400: ("0", "-0", "0.0", "0e5", "0.001", "0.005", "0.009999", "-0.01", "-1", "1.001",
          "9999999.991", "10000000", "1e7", "1e400", "-1e400", "1e-400", "1e9999999",
          "1e-9999999", "1e99999999999999999999", "9" * 400, "1." + "0" * 5000 + "1",
          "NaN", "Infinity", "-Infinity", "nan", "01", "+1", ".5", "5.", "1_000",
          "0x10",
          "1,5", "1e", "1e1.5", "--1", "\u0661", "1n", "1f", "1 2", "'1'"),
}  # fmt: skip
NOT_AN_OBJECT = (
    "null", "true", "0", '"text"', "[]", "[{}]", "{", "}", "{]", "{}{}", "{} {}",
    "undefined",
    "{'orderId': 'A'}", '{orderId: "A"}', '{"orderId" "A"}', '{"orderId": }',
    '{"a": 1,}',
    "// {}", "/**/{}", "<refund/>", "orderId=A&amount=1", "%7B%7D", "\\u007b\\u007d",
    "e30=",
)  # fmt: skip
GOOD_REASONS = (
    "\0", "a\0b", "\u200b", "\u202e", "\ufeff", "\uffff", "\U0001f469\u200d\U0001f4bb",
    "e\u0301" * 50, "\U0010ffff", "\x7f", "\x1b[31m", "\\", '"', "\r\nX-Injected: 1",
    "${jndi:ldap://127.0.0.1/a}", "{{7*7}}", "'; DROP TABLE refunds; --", "<script>",
    "$(id)", "../../etc/passwd", "%s%n%x", "=1+1", "__proto__", "\u0130\u0131\u00df",
)  # fmt: skip
BLANK_REASONS = (
    " ", "\t", "\n", "\r\n", "\x0b\x0c", "\u00a0", "\u0085", "\u1680", "\u2003",
    "\u2028",
    "\u2029", "\u202f", "\u205f", "\u3000", " \t\u3000", "\x1c\x1d",
)  # fmt: skip
BAD_ORDER_IDS = (
    " ", "A 1", "A\n", "A\0", "A/1", "A#1", "A:1", "A%31", "\u0410-1", "\uff21-1",
    "\u0661",
    "A\u200b", "caf\u00e9", "\U0001f4b6", "A'--", 'A"', "A*", "A+1", "ORDER#1\u2028",
    "..\\..",
)  # fmt: skip
HALVES = (r"\ud800", r"\udfff", r"\udc00\ud800", r"a\ud83d", r"\uD83D\u0041")
NO_ESCAPES = (r"\u", r"\u12", r"\uzzzz", r"\x41", r"\U00000041", r"\0", "\\")


def types() -> Iterator[HostileRequest]:
    """Each field with each type of JSON."""
    for field, valid in VALID_TYPES.items():
        for name, value in named(ANY_TYPE):
            # True is 1 in Python, and 1 is no text.
            is_valid = not isinstance(value, bool | list | dict) and value in valid
            status = 202 if is_valid else 400
            yield post("types", f"{field} {name}", refund(**{field: value}), status)
        whole = json.loads(refund())
        del whole[field]
        yield post("types", f"no {field}", json.dumps(whole), 400)
    for name, text in named(NOT_AN_OBJECT):
        yield post("types", f"body {name}", text, 400)


def numbers() -> Iterator[HostileRequest]:
    """Numbers: of JSON, of other languages, and such as no refund may have."""
    for status, texts in NUMBERS.items():
        for name, text in named(texts):
            body = refund({"amount": text})
            yield post("numbers", name, body, status)


def nesting() -> Iterator[HostileRequest]:
    """Depths at which parsers give up, closed and not."""
    for depth in (10, 100, 1_000, 5_000, 8_000):
        yield post("nesting", f"{depth} lists", "[" * depth + "]" * depth, 400)
        yield post("nesting", f"{depth} open lists", "[" * depth, 400)
    for depth in (10, 100, 1_000, 2_500):
        deep = '{"a":' * depth + "1" + "}" * depth
        yield post("nesting", f"{depth} objects", deep, 400)
        yield post("nesting", f"{depth} open objects", '{"a":' * depth, 400)
    for field in ("orderId", "amount", "reason", "more"):
        body = refund({field: "[" * 500 + "]" * 500})
        yield post("nesting", f"in {field}", body, 400)


def sizes() -> Iterator[HostileRequest]:
    """Around each limit, and far beyond."""
    body = refund()
    for size, status in ((16_384, 202), (16_385, 400), (65_536, 400), (1_000_000, 400)):
        yield post("size", f"body of {size} bytes", body.ljust(size), status)
    for character in ("a", "\u00e9", "\u20ac", "\U0001f4b6"):
        for length, status in ((500, 202), (501, 400), (4_000, 400)):
            name = f"reason of {length} {character!a}"
            yield post("size", name, refund(reason=character * length), status)
    for length, status in ((64, 202), (65, 400), (10_000, 400)):
        text = refund(orderId="A" * length)
        yield post("size", f"orderId of {length}", text, status)
    for name, text in named(("", " ", "\n" * 100, "\0", " " * 20_000)):
        yield post("size", f"nothing {name}", text, 400)
    many = ", ".join(f'"f{number}": 0' for number in range(1_000))
    yield post("size", "a thousand fields", f"{{{many}}}", 400)
    yield post("size", "a name of 10,000", refund(**{SECRET * 600: 1}), 400)


def encodings() -> Iterator[HostileRequest]:
    """Bytes that are no UTF-8, or not what they are said to be."""
    body = refund()
    for codec in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-7"):
        is_ascii_here = codec == "utf-7"
        encoded = body.replace(SECRET, "\u00e9").encode(codec)
        yield post("encodings", codec, encoded, 202 if is_ascii_here else 400)
    for name, raw in (
        ("latin-1", b"\xe9"), ("a lone continuation", b"\x80"), ("cut", b"\xe2\x82"),
        ("overlong", b"\xc0\xaf"), ("overlong NUL", b"\xc0\x80"), ("FE FF",
        b"\xfe\xff"),
        ("an encoded surrogate", b"\xed\xa0\x80"), ("above U+10FFFF",
        b"\xf4\x90\x80\x80"),
        ("five bytes", b"\xf8\x88\x80\x80\x80"), ("a raw NUL", b"\x00"),
        ("a raw line feed", b"\n"), ("a raw escape", b"\x1b"),
    ):  # fmt: skip
        broken = body.encode().replace(SECRET.encode(), raw)
        yield post("encodings", f"{name} in a field", broken, 400)
    yield post("encodings", "gzip", gzip.compress(body.encode(), mtime=0), 400)
    # Not gzip: LocalStack would unpack it, and fail.
    for name in ("deflate", "br", "identity", "nonsense"):
        yield post(
            "encodings", f"said to be {name}", body, 202,
            more=(("Content-Encoding", name),),
        )  # fmt: skip


def unicode() -> Iterator[HostileRequest]:
    """Text that is text, blank, or none."""
    for name, text in named(GOOD_REASONS):
        yield post("unicode", f"reason {name}", refund(reason=text), 202)
    for name, text in named(BLANK_REASONS):
        yield post("unicode", f"blank {name}", refund(reason=text), 400)
    for name, text in named(
        (r"\ud800", r"\udfff", r"\udc00\ud800", r"a\ud83d", r"\uD83D\u0041")
    ):
        yield post("unicode", f"half {name}", refund({"reason": f'"{text}"'}), 400)
    for name, text in named(
        (r"\u", r"\u12", r"\uzzzz", r"\x41", r"\U00000041", r"\0", "\\")
    ):
        yield post("unicode", f"escape {name}", refund({"reason": f'"{text}"'}), 400)
    for name, text in named(BAD_ORDER_IDS):
        yield post("unicode", f"orderId {name}", refund(orderId=text), 400)


def duplicate_keys() -> Iterator[HostileRequest]:
    """Names that are there twice, or almost."""
    body = refund()[:-1]
    for name in ("orderId", "amount", "reason"):
        yield post("duplicate keys", name, f'{body}, "{name}": 1}}', 400)
        raw = "".join(f"\\u{ord(one):04x}" for one in name)
        yield post("duplicate keys", f"{name} escaped", f'{body}, "{raw}": 1}}', 400)
        for other in (name.upper(), f" {name}", f"{name}\\u0000", f"{name}\\u200b"):
            text = f'{body}, "{other}": 1}}'
            yield post("duplicate keys", f"almost {other!r}", text, 400)
    for name in ("", "__proto__", "constructor", "status", "refundId", "currency"):
        yield post("duplicate keys", f"unknown {name!r}", f'{body}, "{name}": 1}}', 400)


def bodies() -> Iterator[HostileRequest]:
    """All of them."""
    yield from types()
    yield from numbers()
    yield from nesting()
    yield from sizes()
    yield from encodings()
    yield from unicode()
    yield from duplicate_keys()
