"""One stack on an embedded LocalStack for all tests here; they share it, and only read.

What is true of the whole run, of its logs above all, is asked after the last request:
see the fixture ``run`` of test_hostile.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.checkout import ROOT
from service.client import RefundClient
from service.running import Running, running

REPORTS = ROOT / "reports" / "contract"


@pytest.fixture(scope="session")
def reports() -> Path:
    """Return where the reports of the run go."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    return REPORTS


@pytest.fixture(scope="session")
def service(reports: Path) -> Iterator[Running]:
    """Yield the service, after one refund has gone all the way through it."""
    with running(
        "refunds-contract",
        log_path=reports / "localstack.log",
        on_progress=lambda step: print(f"  {step}", flush=True),
    ) as service:
        client = RefundClient(service.stack)
        answer = client.post("WARM-UP", "1.00")
        assert answer.status_code == 202, answer.text
        client.wait_for_status(answer.json()["refundId"], "APPROVED", timeout_s=30)
        yield service
