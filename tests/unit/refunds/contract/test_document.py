"""docs/openapi.yaml is OpenAPI 3.1, and its examples are what it says."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from refunds.http.body import MAX_BODY_BYTES
from refunds.http.pagination import DEFAULT_LIMIT, MAX_LIMIT
from refunds.http.validation import MAX_AMOUNT
from service.checkout import ROOT
from service.contract import DOCUMENT, Operation, contract

CONTRACT = contract()


def answers() -> Iterator[tuple[Operation, int, str]]:
    """Yield every documented answer, with each media type that it may have."""
    for operation in CONTRACT.operations.values():
        for status, response in operation.described["responses"].items():
            for media_type in response["content"]:
                yield operation, int(status), media_type


def test_the_document_is_openapi() -> None:
    """Tools may read it."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))

    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_the_version_is_the_services() -> None:
    """One number for both: a release of the service is a release of its contract."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert CONTRACT.document["info"]["version"] == project["version"]


@pytest.mark.parametrize(
    ("operation", "status", "media_type"),
    [pytest.param(*one, id=f"{one[0].name}-{one[1]}") for one in answers()],
)
def test_every_answer_has_an_example_that_keeps_the_document(
    operation: Operation, status: int, media_type: str
) -> None:
    """Among them one for each kind of problem."""
    response = operation.described["responses"][str(status)]
    headers = {
        name: str(header["example"])
        for name, header in response.get("headers", {}).items()
    } | {"Content-Type": media_type}
    examples = response["content"][media_type]["examples"]

    assert examples
    for name, example in examples.items():
        body = json.dumps(example["value"])
        assert operation.broken_by(status, headers, body) == [], name
        if status >= 400:
            assert example["value"]["status"] == status


@pytest.mark.parametrize(
    "operation", CONTRACT.operations.values(), ids=lambda o: o.name
)
def test_every_example_of_a_request_keeps_the_document(operation: Operation) -> None:
    """What is copied from the page works."""
    described = operation.described
    pairs = [
        (one["schema"], one["example"])
        for one in described["parameters"]
        if "example" in one
    ]
    for content in described.get("requestBody", {}).get("content", {}).values():
        pairs += [
            (content["schema"], one["value"]) for one in content["examples"].values()
        ]

    assert pairs
    for schema, example in pairs:
        assert not list(Draft202012Validator(schema).iter_errors(example)), example


def test_the_text_names_the_limits_that_are_in_force() -> None:
    """People read the table, programs read the schemas: both are the same."""
    text = CONTRACT.document["info"]["description"]
    table: dict[str, Any] = dict(
        re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    )
    limits = CONTRACT.document["x-limits"]

    assert table["requests of one API key"] == (
        f"{limits['requestsPerSecond']:,} per second, bursts of"
        f" {limits['requestsInABurst']:,}"
    )
    per_day = table["requests of one API key in a day"]
    assert per_day == f"{limits['requestsPerDay']:,}"
    assert table["body of a request"].startswith(f"{MAX_BODY_BYTES:,} bytes;")
    assert f"at most {MAX_AMOUNT:,}," in table["`amount`"]
    assert table["refunds in one page"] == (
        f"{DEFAULT_LIMIT} unless you say otherwise, at most {MAX_LIMIT}"
    )
