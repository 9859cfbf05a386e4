"""What loading an entry point costs, and what the layers may know of each other."""

import json
from functools import cache
from typing import Any

import pytest

from unit import pythons
from unit.refunds.functions import ENVIRONMENT

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
        if name.partition(".")[0] == "refunds" and name != "refunds.aws":
            del sys.modules[name]
    gc.unfreeze()
    for name in names:
        importlib.import_module("refunds." + name)
    return {
        "modules": list(sys.modules),
        "collects": gc.isenabled(),
        "spared": gc.get_freeze_count(),
    }

subjects = ("model", "decision"), ("receiver",), ("processor",), ("reader",)
print(json.dumps({names[-1]: load(*names) for names in subjects}))
"""


@cache
def _loaded() -> dict[str, dict[str, Any]]:
    """Load the subjects in a fresh interpreter; return what became of each."""
    ended = pythons.run(PROGRAM, ENVIRONMENT)
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
    assert not {"refunds.gateway", "refunds.processor", "refunds.reader"} & loaded
    assert "botocore.session" in loaded


@pytest.mark.parametrize("modules", ["refunds.model, refunds.decision"])
def test_domain_knows_no_infrastructure(modules: str) -> None:
    """Rules are tested and read without AWS."""
    loaded = _loaded_by(modules.rpartition(".")[2])

    assert set(modules.split(", ")) <= loaded
    assert loaded & set(OUTER) == set()


@pytest.mark.parametrize("entry_point", ["receiver", "processor", "reader"])
def test_garbage_is_collected_once_an_entry_point_is_loaded(entry_point: str) -> None:
    """What was loaded is left out of it: nothing of that is garbage."""
    loaded = _loaded()[entry_point]

    assert loaded["collects"]
    assert loaded["spared"] > 0
