"""What loading an entry point costs, and what the domain must not load."""

import json
from functools import cache
from typing import Any

import pytest

from unit import fresh_python
from unit.refunds.entry_points import ENVIRONMENT

HEAVY = ("boto3", "s3transfer", "aws_xray_sdk", "pydantic", "requests")
OUTER = ("botocore", "aws_lambda_powertools", "urllib3")

# One interpreter for all: starting one and loading botocore takes 200 ms of CPU. The
# service's own modules are forgotten in between, so that each loads its own again;
# those of libraries stay, which can only add to what the later ones seem to load, and
# so do the clients, each of which takes 50 ms.
PROGRAM = """
import gc, importlib, json, sys

def load(*names):
    for name in list(sys.modules):
        if name.partition(".")[0] == "refunds" and name != "refunds.adapters.aws":
            del sys.modules[name]
    gc.unfreeze()
    for name in names:
        importlib.import_module("refunds." + name)
    return {
        "modules": list(sys.modules),
        "collects": gc.isenabled(),
        "spared": gc.get_freeze_count(),
    }

domain = (
    "acceptance circuit decision model outcome payment ports processing redelivery"
).split()
print(json.dumps({
    "domain": load(*("domain." + name for name in domain)),
    **{name: load("functions." + name) for name in ("receiver", "processor", "reader")},
}))
"""


@cache
def _loaded() -> dict[str, dict[str, Any]]:
    """Load the subjects in a fresh interpreter; return what became of each."""
    ended = fresh_python.run(PROGRAM, ENVIRONMENT)
    assert ended.returncode == 0, ended.stderr
    loaded: dict[str, dict[str, Any]] = json.loads(ended.stdout)
    return loaded


def _loaded_by(subject: str) -> set[str]:
    """Return all modules that a subject loaded."""
    return set(_loaded()[subject]["modules"])


def test_receiver_loads_nothing_heavy() -> None:
    """Each of these costs every cold start 20 to 90 ms."""
    loaded = _loaded_by("receiver")

    assert loaded & set(HEAVY) == set()
    others = {
        "refunds.adapters.gateway",
        *(f"refunds.functions.{one}" for one in ("processor", "reader")),
    }
    assert others & loaded == set()
    assert "botocore.session" in loaded


def test_processor_without_a_secret_loads_nothing_for_one() -> None:
    """Its cold start is paid for by every stack."""
    loaded = _loaded_by("processor")

    assert "refunds.adapters.gateway" in loaded
    assert "refunds.adapters.gateway_secret" not in loaded


def test_domain_loads_no_other_room_and_no_library() -> None:
    """Rules are tested and read without AWS."""
    loaded = _loaded_by("domain")

    ours = {name for name in loaded if name.startswith("refunds.")}
    assert "refunds.domain.processing" in ours
    assert {name for name in ours if not name.startswith("refunds.domain")} == set()
    assert loaded & set(OUTER) == set()


@pytest.mark.parametrize("entry_point", ["receiver", "processor", "reader"])
def test_garbage_is_collected_once_an_entry_point_is_loaded(entry_point: str) -> None:
    """What was loaded is left out of it: nothing of that is garbage."""
    loaded = _loaded()[entry_point]

    assert loaded["collects"]
    assert loaded["spared"] > 0
