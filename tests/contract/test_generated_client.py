"""A client that is generated from the contract alone asks for a refund and reads it."""

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest

from sam_harness.waiting import wait_until
from service.contract import DOCUMENT
from service.running import Running

TIMEOUT_S = 60
PACKAGE = "generated_refunds_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Generate the client; a warning is a part of the contract that it cannot use."""
    folder = tmp_path_factory.mktemp("client")
    # Else it wants to format what only this test reads.
    (folder / "config.yaml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"),
            "generate",
            f"--path={DOCUMENT}",
            "--meta=none",
            f"--output-path={folder / PACKAGE}",
            f"--config={folder / 'config.yaml'}",
            "--fail-on-warning",
        ],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        importlib.import_module(PACKAGE)
    return PACKAGE


def module(generated: str, name: str) -> ModuleType:
    """Return a module of the client."""
    return importlib.import_module(f"{generated}.{name}")


def test_a_generated_client_asks_for_a_refund_and_reads_it_back(
    generated: str, service: Running
) -> None:
    """With nothing but the document, the stack's URL and its key."""
    api = "api.refunds"
    client = module(generated, "client").AuthenticatedClient(
        base_url=service.stack.api_url,
        token=service.stack.api_key,
        prefix="",
        auth_header_name="x-api-key",
        raise_on_unexpected_status=True,
    )
    models = module(generated, "models")
    order_id = f"CLIENT-{uuid4().hex}"
    wanted = models.RefundRequest(order_id=order_id, amount=49.9, reason="damaged")
    create = module(generated, f"{api}.create_refund").sync_detailed
    get = module(generated, f"{api}.get_refund").sync
    list_refunds = module(generated, f"{api}.list_refunds").sync

    with client:
        answer = create(client=client, body=wanted, idempotency_key=str(uuid4()))
        refund_id = answer.parsed.refund_id
        decided = wait_until(
            lambda: get(refund_id, client=client),
            lambda refund: bool(refund.status != models.RefundStatus.PENDING),
            what="the refund to be decided",
            timeout_s=20,
        )
        page = list_refunds(client=client, order_id=order_id)
        refused = create(client=client, body=models.RefundRequest("a b", 0, " "))

    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"/refunds/{refund_id}")
    assert decided.status == models.RefundStatus.APPROVED
    assert (decided.order_id, decided.amount, decided.reason) == (
        order_id,
        49.9,
        "damaged",
    )
    assert page.refunds == [decided]
    assert refused.status_code == 400
    assert {one.field for one in refused.parsed.errors} == {
        "orderId",
        "amount",
        "reason",
    }
