"""What can be set about speed and cost, deployed as far as LocalStack goes."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import boto3
import pytest

from sam_harness.packaging.build import Artefact
from service.client import RefundClient
from service.deployed import DeployAnother, RefundService
from service.functions import live_version, the_mapping
from service.parameters import SPEED_AND_COST

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

MEMORY_MB = {"receiver": 1769, "processor": 1024, "reader": 128}
COMPILED = {".so", ".pyd", ".dylib"}


@pytest.fixture(scope="module")
def functions(session: boto3.Session) -> "LambdaClient":
    """Return a client for the functions."""
    return session.client("lambda")


@pytest.fixture(scope="module")
def tuned(deploy_another: DeployAnother) -> RefundService:
    """Return a stack of its own on which every lever is set."""
    return deploy_another("levers", SPEED_AND_COST)


def live(functions: "LambdaClient", stack: RefundService, name: str) -> dict[str, Any]:
    """Return the configuration of the version that is invoked."""
    function = stack.functions[name].name
    version = live_version(functions, function)
    return dict(
        functions.get_function_configuration(FunctionName=function, Qualifier=version)
    )


@pytest.mark.parametrize("name", MEMORY_MB)
def test_the_live_version_is_configured_as_asked(
    functions: "LambdaClient", tuned: RefundService, name: str
) -> None:
    """The version, which is what runs, not only the function."""
    configuration = live(functions, tuned, name)

    assert configuration["MemorySize"] == MEMORY_MB[name]
    assert configuration["Architectures"] == ["x86_64"]


def test_a_dropped_lever_is_listed(
    functions: "LambdaClient", tuned: RefundService, unproven: dict[str, str]
) -> None:
    """The list shrinks when LocalStack learns something."""
    assert unproven["AWS::Lambda::Function.SnapStart"].startswith("dropped")
    assert live(functions, tuned, "receiver")["SnapStart"]["ApplyOn"] == "None"


def test_a_tuned_stack_decides_refunds(tuned: RefundService) -> None:
    """From the API to the table."""
    client = RefundClient(tuned)
    refund_id = client.post(f"ORDER-{uuid4().hex}", "10").json()["refundId"]

    refund = client.wait_for_status(refund_id, "APPROVED", timeout_s=30)

    assert refund["status"] == "APPROVED"


def test_with_pollers_of_its_own_the_queue_has_no_other_cap(
    functions: "LambdaClient", tuned: RefundService
) -> None:
    """Lambda refuses a mapping that has both."""
    mapping = the_mapping(functions, tuned.functions["processor"].live)

    assert mapping["ProvisionedPollerConfig"] == {
        "MinimumPollers": 2,
        "MaximumPollers": 20,
    }
    assert "MaximumConcurrency" not in mapping.get("ScalingConfig", {})


def test_nothing_in_the_artefact_is_compiled_for_one_architecture(
    artefact: Artefact,
) -> None:
    """Else Architecture could not be changed without another build."""
    files = [path for path in artefact.template.parent.rglob("*") if path.is_file()]

    assert files
    assert [path for path in files if path.suffix in COMPILED] == []
