"""What EventBridge makes of an InputTemplate."""

from typing import Any

import pytest

from sam_harness.localstack.corrections.events_templates import filled

VALUES: dict[str, Any] = {
    "n": 0,
    "no": False,
    "text": "é, so",
    "tag": "<n>",
    "list": ["a", 1],
    "map": {"a": [{"b": "c"}]},
}


@pytest.mark.parametrize(
    ("template", "sent"),
    [
        ('"<n>, <no> and <text>"', "0, false and é, so"),
        ('"<list> in <map>\\nnext"', "[a,1] in {a:[{b:c}]}\nnext"),
        ('"<absent>!"', "!"),
        ('{"a": "of <text>, <n>", "b": 1}', {"a": "of é, so, 0", "b": 1}),
        ('{"a": "<map>"}', {"a": "{a:[{b:c}]}"}),
        (' {"a": <n>, "b": <text>}', {"a": 0, "b": "é, so"}),
        ('{"a": <map>, "<n>": [<list>]}', {"a": VALUES["map"], "0": [["a", 1]]}),
        ('{"a": <absent>, "b": "x\\ny"}', {"a": "", "b": "x\ny"}),
        ('{"a": <tag>, "b": "<tag>"}', {"a": "<n>", "b": "<n>"}),
    ],
)
def test_a_variable_is_put_into_a_text_or_is_a_value(
    template: str, sent: object
) -> None:
    """As its place in the template is."""
    assert filled(template, VALUES) == sent


def test_what_is_no_json_is_not_sent() -> None:
    """The quote of a value ends the text that it is in: nothing is escaped."""
    with pytest.raises(ValueError, match="delimiter"):
        filled('{"a": "<x>"}', {"x": 'a "b'})
