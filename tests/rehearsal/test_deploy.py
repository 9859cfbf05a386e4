"""The deploy job on an embedded LocalStack: first release, update, broken update, back.

The stage is released once, in phases that take `sam deploy` half a minute each; the
tests look at what happened.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.pipeline import Checkout, Ended, Pipeline
from rehearsal.stage import account_environment, find, operator_environment
from rehearsal.steady_client import SteadyClient
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.waiting import DeadlineError, wait_until
from service.client import RefundClient
from service.queues import Queues

STACK = "refunds-test"  # the stack of samconfig.toml's test environment
# Failures are quick to see; everything else is as on the test stage.
PARAMETERS = (
    "Stage=test",
    "GatewayUrl=simulated",
    "DeploymentType=Canary10Percent5Minutes",
    "ProcessorTimeoutSeconds=6",
    "VisibilityTimeoutSeconds=2",
    "LongestRetrySeconds=2",
    "MaxReceiveCount=3",
    "ThrottleRate=1000",
    "ThrottleBurst=1000",
)
DECLINED = "declined by the simulated gateway"
REWORDED = "declined by the simulated gateway, says the second release"
DECISIONS_TIMEOUT_S = 30.0
FINAL = {"APPROVED", "REJECTED"}


@dataclass(frozen=True, slots=True)
class Release:
    """A deployment and what came after it."""

    deployed: Ended
    smoke: Ended
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The releases of the stage; refunds were asked for all the time."""

    first: Release
    e2e: Ended
    update: Release
    broken: Release
    restored: Release
    redriven: Ended
    statuses: dict[str, str]
    accepted_while_broken: frozenset[str]


@pytest.fixture(scope="module")
def rehearsed(
    localstack: EmbeddedLocalStack, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsed:
    """Take the stage through all its releases."""
    checkout = Checkout.copied_to(tmp_path_factory.mktemp("checkout"))
    kept = tmp_path_factory.mktemp("kept") / "before.json"
    rehearsal = _Rehearsal(localstack, checkout, kept)
    first = rehearsal.release_first()
    e2e = rehearsal.pipeline.e2e()
    with SteadyClient(rehearsal.client) as merchant:
        checkout.change("src/refunds/adapters/gateway.py", DECLINED, REWORDED)
        update = rehearsal.release()
        before = len(merchant.accepted)
        # An ordinary slip: it builds, it deploys, and no batch is ever read.
        checkout.change(
            "src/refunds/functions/processor.py", 'event["Records"]', 'event["records"]'
        )
        broken = rehearsal.release()
        wait_until(rehearsal.queues.dlq_depth, bool, what="a dead letter", timeout_s=30)
        restored = rehearsal.go_back()
        accepted = merchant.accepted
    redriven = rehearsal.redrive()
    return Rehearsed(
        first,
        e2e,
        update,
        broken,
        restored,
        redriven,
        rehearsal.final_statuses(accepted),
        frozenset(accepted[before:]),
    )


class _Rehearsal:
    """One stage on LocalStack and what leads to it."""

    def __init__(
        self, localstack: EmbeddedLocalStack, checkout: Checkout, kept: Path
    ) -> None:
        self._localstack = localstack
        self._checkout = checkout
        self._kept = kept
        environment = account_environment(localstack.endpoint_url, localstack.region)
        self.pipeline = Pipeline(STACK, environment, kept)

    def release_first(self) -> Release:
        """Deploy what there is not yet, and find it."""
        assert self.pipeline.save().status == 0
        deployed = self.pipeline.deploy(self._checkout, *PARAMETERS)
        assert deployed.status == 0, deployed.output
        session = self._localstack.session()
        stack = find(session, STACK, self._localstack.endpoint_url)
        self.pipeline = Pipeline(STACK, operator_environment(stack), self._kept)
        self.client = RefundClient(stack)
        self.queues = Queues(session.client("sqs"), stack)
        return self._checked(deployed)

    def release(self) -> Release:
        """Keep what there is and deploy the checkout."""
        saved = self.pipeline.save()
        assert saved.status == 0, saved.output
        return self._checked(self.pipeline.deploy(self._checkout, *PARAMETERS))

    def go_back(self) -> Release:
        """Roll back to what was kept."""
        return self._checked(self.pipeline.restore())

    def redrive(self) -> Ended:
        """Redrive once all that may fail has failed."""
        wait_until(
            self.queues.depth,
            lambda left: left == 0,
            what="an idle queue",
            timeout_s=60,
        )
        return self.pipeline.redrive()

    def final_statuses(self, refund_ids: list[str]) -> dict[str, str]:
        """Return the statuses once all are final, or as they are when time is up."""

        def look() -> dict[str, str]:
            return {name: self.client.refund(name)["status"] for name in refund_ids}

        try:
            return wait_until(
                look,
                lambda seen: set(seen.values()) <= FINAL,
                what="all refunds to be decided",
                timeout_s=DECISIONS_TIMEOUT_S,
                poll_s=1,
            )
        except DeadlineError:
            return look()

    def _checked(self, deployed: Ended) -> Release:
        smoke = self.pipeline.smoke()
        return Release(deployed, smoke, "" if smoke.status else self._decline_reason())

    def _decline_reason(self) -> str:
        """Return what this release says of a refund that the gateway declines."""
        refund_id = self.client.post("SIM-DECLINE-1", "20.00").json()["refundId"]
        refund = self.client.wait_for_status(refund_id, "REJECTED")
        return str(refund["decisionReason"])


def test_a_first_release_passes_smoke_and_e2e(rehearsed: Rehearsed) -> None:
    """From an account that holds nothing."""
    assert rehearsed.first.smoke.status == 0, rehearsed.first.smoke.output
    assert rehearsed.first.reason == DECLINED
    assert rehearsed.e2e.status == 0, rehearsed.e2e.output


def test_an_update_brings_its_code(rehearsed: Rehearsed) -> None:
    """The same stack answers with what has changed."""
    assert rehearsed.update.deployed.status == 0, rehearsed.update.deployed.output
    assert rehearsed.update.smoke.status == 0, rehearsed.update.smoke.output
    assert rehearsed.update.reason == REWORDED


def test_a_broken_update_is_stopped_by_the_smoke_test(rehearsed: Rehearsed) -> None:
    """CloudFormation finds nothing wrong with it; the smoke test does."""
    assert rehearsed.broken.deployed.status == 0, rehearsed.broken.deployed.output
    assert rehearsed.broken.smoke.status == 1, rehearsed.broken.smoke.output
    assert "is not decided after 10 s" in rehearsed.broken.smoke.output


def test_going_back_brings_the_version_before(rehearsed: Rehearsed) -> None:
    """Not the first one, not the broken one."""
    assert rehearsed.restored.deployed.status == 0, rehearsed.restored.deployed.output
    assert rehearsed.restored.smoke.status == 0, rehearsed.restored.smoke.output
    assert rehearsed.restored.reason == REWORDED


def test_no_accepted_refund_is_lost(rehearsed: Rehearsed) -> None:
    """After the redrive each 202 has its final status, those of the broken time too."""
    undecided = {
        refund_id: status
        for refund_id, status in rehearsed.statuses.items()
        if status not in FINAL
    }

    assert rehearsed.redriven.status == 0, rehearsed.redriven.output
    assert "moved 0;" not in rehearsed.redriven.output
    assert rehearsed.accepted_while_broken
    assert rehearsed.accepted_while_broken <= rehearsed.statuses.keys()
    assert undecided == {}
