"""What would break a client of the last release comes with a new major version only.

The rules are specshift's, warnings included. It looks neither at the headers of
answers, nor at how one authenticates, nor at multipleOf: tests/unit/refunds/contract
holds these to what code and template do.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from specshift import Severity, diff_specs

from service.contract import DOCUMENT, contract

# The contract as clients have it: replaced by docs/openapi.yaml at each release.
RELEASED = Path(__file__).parent / "released.yaml"

type Document = dict[str, Any]


def document(path: Path) -> Document:
    """Return a contract without references: specshift does not follow them all."""
    whole: Document = copy.deepcopy(dict(contract(path).document))
    return whole


def breaking(old: Document, new: Document) -> list[str]:
    """Return what of the new contract breaks a client of the old one."""
    changes = diff_specs(old, new).sorted_changes()
    return [
        f"{change.location}: {change.message}"
        for change in changes
        if change.severity != Severity.INFO
    ]


def major(contract: Document) -> int:
    """Return the number that says that clients have to change."""
    return int(contract["info"]["version"].partition(".")[0])


def test_no_client_of_the_last_release_breaks() -> None:
    """Unless the version says so."""
    released, now = document(RELEASED), document(DOCUMENT)

    if major(now) == major(released):
        found = breaking(released, now)
        assert not found, (
            "a new major version is needed (docs/openapi.yaml and pyproject.toml), or "
            "another change: " + "; ".join(found)
        )
    assert major(now) >= major(released)


def post(one: Document) -> Document:
    """Return POST /refunds."""
    found: Document = one["paths"]["/refunds"]["post"]
    return found


def schema_of(answer: Document) -> Document:
    """Return the schema of an answer's JSON."""
    found: Document = answer["content"]["application/json"]["schema"]
    return found


def refund(one: Document) -> Document:
    """Return the schema of what GET /refunds/{refundId} shows."""
    operation = one["paths"]["/refunds/{refundId}"]["get"]
    return schema_of(operation["responses"]["200"])


def asked(one: Document) -> Document:
    """Return the schema of what POST /refunds takes."""
    return schema_of(post(one)["requestBody"])


BREAKING: dict[str, Callable[[Document], object]] = {
    "a path is gone": lambda one: one["paths"].pop("/refunds/{refundId}"),
    "a method is gone": lambda one: one["paths"]["/refunds"].pop("get"),
    "a status is gone": lambda one: post(one)["responses"].pop("422"),
    "a field is gone": lambda one: refund(one)["properties"].pop("currency"),
    "a field may be missing": lambda one: refund(one)["required"].remove("currency"),
    "a field has another type": lambda one: refund(one)["properties"].update(
        amount={"type": "string"}
    ),
    "another field is demanded": lambda one: (
        asked(one)["properties"].update(more={"type": "string"}),
        asked(one)["required"].append("more"),
    ),
    "a field is taken no more": lambda one: asked(one)["properties"].pop("reason"),
    "less is allowed": lambda one: asked(one)["properties"]["amount"].update(maximum=9),
    "other text is allowed": lambda one: asked(one)["properties"]["orderId"].update(
        pattern="^[a-z]$"
    ),
    "a header is demanded": lambda one: post(one)["parameters"][0].update(
        required=True
    ),
    "a parameter is gone": lambda one: one["paths"]["/refunds"]["get"][
        "parameters"
    ].pop(1),
    "problems have another type": lambda one: post(one)["responses"]["422"].update(
        content={"text/plain": {"schema": {"type": "string"}}}
    ),
}
HARMLESS: dict[str, Callable[[Document], object]] = {
    "nothing": lambda _one: None,
    "a new field is shown": lambda one: refund(one)["properties"].update(
        more={"type": "string"}
    ),
    "a new parameter may be given": lambda one: post(one)["parameters"].append(
        {"name": "X-More", "in": "header", "schema": {"type": "string"}}
    ),
    "more is allowed": lambda one: asked(one)["properties"]["reason"].update(
        maxLength=999
    ),
    "other words": lambda one: post(one).update(summary="Give money back"),
}


@pytest.mark.parametrize(
    ("change", "breaks"),
    [
        *(pytest.param(change, True, id=name) for name, change in BREAKING.items()),
        *(pytest.param(change, False, id=name) for name, change in HARMLESS.items()),
    ],
)
def test_a_change_that_breaks_a_client_is_noticed(
    change: Callable[[Document], object],
    breaks: bool,  # noqa: FBT001 - a column
) -> None:
    """The check is one that can fail."""
    old, new = document(DOCUMENT), document(DOCUMENT)
    change(new)

    assert bool(breaking(old, new)) is breaks


def test_the_released_contract_is_one() -> None:
    """Compared with nothing everything would be compatible."""
    released = yaml.safe_load(RELEASED.read_text(encoding="utf-8"))

    assert released["openapi"].startswith("3.1.")
    assert released["paths"]
