"""Intrinsic functions that need nothing but their arguments."""

import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from harness.template.parameters import text_of

_PLACEHOLDER = re.compile(r"\$\{(!?)\s*([^}]*?)\s*\}")


def substitute(text: str, lookup: Callable[[str], object]) -> str:
    """Replace each ``${Name}``; ``${!Name}`` is the escaped form of ``${Name}``."""

    def replacement(match: re.Match[str]) -> str:
        literal, name = match.groups()
        return f"${{{name}}}" if literal else text_of(lookup(name))

    return _PLACEHOLDER.sub(replacement, text)


def _join(argument: Any) -> str:  # noqa: ANN401 - a template is JSON
    delimiter, parts = argument
    return str(delimiter).join(text_of(part) for part in parts)


def _split(argument: Any) -> list[str]:  # noqa: ANN401 - a template is JSON
    delimiter, text = argument
    return text_of(text).split(delimiter)


def _select(argument: Any) -> Any:  # noqa: ANN401 - a template is JSON
    index, values = argument
    if isinstance(values, str):
        raise TypeError("it selects from text, not from a list")
    return values[int(index)]


def _base64(argument: Any) -> str:  # noqa: ANN401 - a template is JSON
    return base64.b64encode(text_of(argument).encode()).decode()


def _cidr(argument: Any) -> list[str]:  # noqa: ANN401 - a template is JSON
    block, count, *bits = argument
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - int(bits[0] if bits else 8)
    subnets = network.subnets(new_prefix=prefix)
    return [str(subnet) for subnet in itertools.islice(subnets, int(count))]


def _to_json(argument: Any) -> str:  # noqa: ANN401 - a template is JSON
    return json.dumps(argument, separators=(",", ":"))


PURE: Mapping[str, Callable[[Any], Any]] = {
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Join": _join,
    "Fn::Length": len,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ToJsonString": _to_json,
}
