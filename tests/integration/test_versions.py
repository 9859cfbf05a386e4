"""API and queue invoke the published version, and an update moves them to the next."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from sam_harness.deploying.deploy import Deployer
from sam_harness.emulator.emulator import Emulator
from sam_harness.packaging.build import Artefact
from sam_harness.waiting import wait_until
from service import second_opinion
from service.client import RefundClient
from service.deployed import RefundService, from_outputs
from service.functions import live_version, the_mapping
from service.telemetry import FunctionLog

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


@pytest.fixture(scope="module")
def functions(session: boto3.Session) -> "LambdaClient":
    """Return a client for the functions."""
    return session.client("lambda")


def test_the_api_may_invoke_the_aliases_and_nothing_else(
    functions: "LambdaClient", stack: RefundService
) -> None:
    """The permission is the alias's: not the function's, not an older version's."""
    for name in ("receiver", "reader"):
        function = stack.functions[name]
        policy = json.loads(functions.get_policy(FunctionName=function.live)["Policy"])

        assert policy["Statement"]
        for statement in policy["Statement"]:
            assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
            assert statement["Resource"].endswith(f":function:{function.live}")
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            functions.get_policy(FunctionName=function.name)


def test_the_queue_invokes_the_alias(
    functions: "LambdaClient", stack: RefundService
) -> None:
    """One mapping, and it names the alias."""
    live = stack.functions["processor"].live

    assert the_mapping(functions, live)["FunctionArn"].endswith(f":{live}")


def test_a_refund_is_worked_on_by_published_versions(
    client: RefundClient, function_logs: dict[str, FunctionLog], an_order: str
) -> None:
    """Not by what is being changed: LocalStack runs what the alias points to."""
    refund_id = client.post(an_order, "10").json()["refundId"]
    client.wait_for_status(refund_id, "APPROVED")

    for name in ("receiver", "processor"):
        function_logs[name].wait_for_lines(refundId=refund_id)
        assert "Version: $LATEST" not in function_logs[name].text()


@dataclass(frozen=True, slots=True)
class Updated:
    """A stack of its own, after an update of a parameter of Receiver and Processor."""

    stack: RefundService
    first: dict[str, str]
    second: dict[str, str]


@pytest.fixture(scope="module")
def updated(
    artefact: Artefact,
    session: boto3.Session,
    account_id: str,
    stack_parameters: dict[str, str],
    emulator: Emulator,
) -> Updated:
    """Deploy the same code twice, the second time with a lower limit."""
    deployer = Deployer(session, account_id)
    functions, apigateway = session.client("lambda"), session.client("apigateway")
    name = f"versions-{uuid4().hex[:8]}"
    seen = []
    for limit in ("1000", "5"):
        given = {**stack_parameters, "DecisionLimit": limit}
        deployed = deployer.deploy(artefact, name, given)
        second_opinion.check_init(functions, deployed.functions)
        outputs, url = deployed.outputs, emulator.endpoint_url
        stack = from_outputs(name, outputs, apigateway, url)
        seen.append(
            {
                each: live_version(functions, function.name)
                for each, function in stack.functions.items()
            }
        )
    return Updated(stack, *seen)


def test_a_changed_parameter_alone_is_published(
    updated: Updated, session: boto3.Session
) -> None:
    """The aliases point to new versions; the Receiver's stores the new limit."""
    client = RefundClient(updated.stack)
    refund_id = client.post(f"ORDER-{uuid4().hex}", "10").json()["refundId"]

    refund = client.wait_for_status(refund_id, "REJECTED", timeout_s=20)

    processor = updated.stack.functions["processor"].name
    log = FunctionLog(session.client("logs"), f"/aws/lambda/{processor}")
    text = wait_until(
        log.text,
        lambda text: refund_id in text,
        what="the refund in the Processor's log",
        timeout_s=10,
    )
    assert "limit" in refund["decisionReason"]
    for name in ("receiver", "processor"):
        assert updated.second[name] > updated.first[name]
    assert f"Version: {updated.second['processor']}" in text
    # Both were initialised before anybody called, and the first was never called.
    assert f"Version: {updated.first['processor']}\n" not in text


def test_what_did_not_change_stays_as_it_is(updated: Updated) -> None:
    """A limit is nothing to the Reader: it stays warm."""
    assert updated.second["reader"] == updated.first["reader"]


def test_only_the_version_in_use_is_kept(
    updated: Updated, functions: "LambdaClient"
) -> None:
    """Else each update would leave its code behind, until the account is full."""
    for name, function in updated.stack.functions.items():
        listed = functions.list_versions_by_function(FunctionName=function.name)

        assert {version["Version"] for version in listed["Versions"]} == {
            "$LATEST",
            updated.second[name],
        }
