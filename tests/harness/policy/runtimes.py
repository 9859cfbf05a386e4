"""When AWS ends its runtimes, as cfn-lint's data has it."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from harness.errors import HarnessError


@cache
def deprecation_dates() -> Mapping[str, date]:
    """Return the day from which AWS calls each runtime deprecated.

    The file is read without importing cfn-lint, which takes seconds.
    """
    package = find_spec("cfnlint")
    if package is None or package.origin is None:
        raise HarnessError("cfn-lint is not installed: see tests/requirements/test.in")
    data = Path(package.origin).parent / "data" / "AdditionalSpecs"
    runtimes = json.loads((data / "LmbdRuntimeLifecycle.json").read_bytes())
    return {
        name: date.fromisoformat(dates["deprecated"])
        for name, dates in runtimes.items()
        if dates.get("deprecated")
    }
