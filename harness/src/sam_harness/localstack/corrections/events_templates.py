"""What EventBridge makes of an InputTemplate. Imports nothing foreign.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile("<([^<>]*)>")
# A text, or a variable that is not inside of one.
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|<([^<>]*)>')


def filled(template: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return what a target is sent: a text, or what the template describes.

    In a text nothing is escaped, and an object or a list loses its quotes. A variable
    that the event does not have is an empty text.

    Raises:
        ValueError: that is no JSON, and EventBridge sends nothing.
    """

    def inside(found: re.Match[str]) -> str:
        value = values.get(found[1], "")
        return value if isinstance(value, str) else _json(value).replace('"', "")

    def part(found: re.Match[str]) -> str:
        if found[1] is None:
            return _VARIABLE.sub(inside, found[0])
        return _json(values.get(found[1], ""))

    text = _PART.sub(part, template).strip()
    return text[1:-1].replace("\\n", "\n") if text[:1] == '"' else json.loads(text)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
