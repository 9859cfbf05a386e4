"""Scalars as the type of their property."""

from typing import Any

import pytest

from sam_harness.localstack.stacks.scalars import typed

SCHEMA: Any = {
    "definitions": {
        "Tag": {"type": "object", "properties": {"Value": {"type": "string"}}}
    },
    "properties": {
        "Text": {"type": "string"},
        "Count": {"type": "integer"},
        "Limit": {"type": "number"},
        "On": {"type": "boolean"},
        "Tags": {"type": "array", "items": {"$ref": "#/definitions/Tag"}},
        "Variables": {"patternProperties": {".*": {"type": "string"}}},
        "Document": {"type": ["object", "string"]},
    },
}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"Text": True}, {"Text": "true"}),
        ({"Text": 4711}, {"Text": "4711"}),
        ({"Count": "3"}, {"Count": 3}),
        ({"Count": "three"}, {"Count": "three"}),
        ({"Limit": "0.5"}, {"Limit": 0.5}),
        ({"On": "true"}, {"On": True}),
        ({"On": "False"}, {"On": False}),
        ({"On": "perhaps"}, {"On": "perhaps"}),
        ({"Tags": [{"Value": 1}]}, {"Tags": [{"Value": "1"}]}),
        ({"Variables": {"A": 1.5}}, {"Variables": {"A": "1.5"}}),
        ({"Document": {"Text": 1}}, {"Document": {"Text": 1}}),
        ({"Unheard": 1}, {"Unheard": 1}),
    ],
)
def test_a_scalar_gets_the_type_of_its_property(given: object, wanted: object) -> None:
    """What is of none of its values stays, and the service says so."""
    assert repr(typed(given, SCHEMA, SCHEMA)) == repr(wanted)
