"""What loading an entry point costs, and what the layers may know of each other."""

import json
import os
import subprocess
import sys

import pytest

from unit.refunds.functions import ENVIRONMENT

HEAVY = ("boto3", "s3transfer", "aws_xray_sdk", "pydantic", "requests")
OUTER = ("botocore", "aws_lambda_powertools", "urllib3")


def _loaded_by(module: str) -> set[str]:
    """Import a module in a fresh interpreter; return all that it loaded."""
    return set(
        json.loads(
            _run(f"import json, sys, {module}; print(json.dumps(list(sys.modules)))")
        )
    )


def _run(program: str) -> str:
    """Run a program in a fresh interpreter; return what it printed."""
    ended = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", program],
        env=dict(os.environ) | ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


def test_receiver_loads_nothing_heavy() -> None:
    """Each of these costs every cold start 20 to 90 ms."""
    loaded = _loaded_by("refunds.receiver")

    assert loaded & set(HEAVY) == set()
    assert not {"refunds.gateway", "refunds.processor", "refunds.reader"} & loaded
    assert "botocore.session" in loaded


@pytest.mark.parametrize("modules", ["refunds.model, refunds.decision"])
def test_domain_knows_no_infrastructure(modules: str) -> None:
    """Rules are tested and read without AWS."""
    assert _loaded_by(modules) & set(OUTER) == set()


@pytest.mark.parametrize("entry_point", ["receiver", "processor", "reader"])
def test_garbage_is_collected_once_an_entry_point_is_loaded(entry_point: str) -> None:
    """What was loaded is left out of it: nothing of that is garbage."""
    printed = _run(
        f"import gc, refunds.{entry_point};"
        "print(gc.isenabled(), gc.get_freeze_count() > 0)"
    )

    assert printed.split() == ["True", "True"]
