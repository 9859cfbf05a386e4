"""The releases of a stage on an embedded LocalStack: first, update, broken one, back.

Each step has the credentials of the role that its job has on GitHub, taken on with a
token, and the IAM gate denies what .github/deploy-role.yaml does not allow. Each phase
takes `sam deploy` half a minute.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from refunds.domain.model import is_refund_id
from rehearsal.pipeline import Checkout, Ended, Pipeline
from rehearsal.roles import StageRoles, set_up
from rehearsal.stage import account_environment, find, operator_environment
from rehearsal.steady_client import SteadyClient
from sam_harness.deploying.rollback import MAX_TEMPLATE_BYTES
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
    "VisibilityTimeoutSeconds=6",
    "LongestRetrySeconds=2",
    "MaxReceiveCount=3",
    "ThrottleRate=1000",
    "ThrottleBurst=1000",
)
DECLINED = "declined by the simulated gateway"
REWORDED = "declined by the simulated gateway, says the second release"
# So the way back to it does not fit into the call.
LONGER = f"\nMetadata:\n  Notes: {'x' * MAX_TEMPLATE_BYTES}\n"
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
    """The releases of the stage; refunds were asked for all the time.

    ``kept``: what it went back to. ``operated``: what an operator did while nothing was
    decided.
    """

    first: Release
    e2e: Ended
    update: Release
    broken: Release
    restored: Release
    kept: str
    operated: tuple[Ended, ...]
    redriven: Ended
    roles: StageRoles
    statuses: dict[str, str]
    accepted_while_broken: frozenset[str]


def rehearse(localstack: EmbeddedLocalStack, scratch: Path) -> Rehearsed:
    """Take the stage through all its releases; ``scratch`` is an empty folder."""
    checkout = Checkout.copied_to(scratch / "checkout")
    rehearsal = _Rehearsal(localstack, checkout, scratch / "before.json")
    first = rehearsal.release_first()
    e2e = rehearsal.pipeline.e2e()
    with SteadyClient(rehearsal.client) as merchant:
        checkout.change("src/refunds/adapters/gateway.py", DECLINED, REWORDED)
        checkout.change("template.yaml", "\nMetadata:\n", LONGER)
        update = rehearsal.release()
        before = len(merchant.accepted)
        # An ordinary slip: it builds, it deploys, and no batch is ever read.
        checkout.change(
            "src/refunds/functions/processor.py", 'event["Records"]', 'event["records"]'
        )
        broken = rehearsal.release()
        wait_until(rehearsal.queues.dlq_depth, bool, what="a dead letter", timeout_s=30)
        operated = rehearsal.operate()
        restored = rehearsal.go_back()
        accepted = merchant.accepted
    redriven = rehearsal.redrive()
    return Rehearsed(
        first,
        e2e,
        update,
        broken,
        restored,
        rehearsal.kept.read_text(),
        operated,
        redriven,
        rehearsal.roles,
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
        self.kept = kept
        self.roles = set_up(
            localstack.session(), localstack.endpoint_url, "test", STACK
        )
        environment = account_environment(localstack.endpoint_url, localstack.region)
        self.pipeline = self._pipeline(environment)

    def _pipeline(self, environment: Mapping[str, str]) -> Pipeline:
        return Pipeline(
            STACK,
            {**environment, **self.roles.variables()},
            self.kept,
            self.roles.credentials("DeployRole"),
            self.roles.credentials("OperatorRole"),
        )

    def release_first(self) -> Release:
        """Deploy what there is not yet, and find it."""
        assert self.pipeline.save().status == 0
        deployed = self._deploy()
        assert deployed.status == 0, deployed.output
        session = self._localstack.session()
        stack = find(session, STACK, self._localstack.endpoint_url)
        self.pipeline = self._pipeline(operator_environment(stack))
        self.client = RefundClient(stack)
        self.queues = Queues(session.client("sqs"), stack)
        return self._checked(deployed)

    def release(self) -> Release:
        """Keep what there is and deploy the checkout."""
        saved = self.pipeline.save()
        assert saved.status == 0, saved.output
        return self._checked(self._deploy())

    def operate(self) -> tuple[Ended, ...]:
        """Look at what is undecided while nothing is decided, and send some again."""
        looked = self.pipeline.undecided("--older-than", "1s")
        [refund_id, *_] = filter(is_refund_id, looked.output.splitlines())
        again = ("--send", refund_id, "--although-made-without-key", "--yes")
        return looked, self.pipeline.undecided(*again)

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
        peeked = self.pipeline.peek()
        assert peeked.status == 0, peeked.output
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

    def _deploy(self) -> Ended:
        boundary = self.roles.variables()["PERMISSIONS_BOUNDARY_ARN"]
        told = (*PARAMETERS, f"PermissionsBoundaryArn={boundary}")
        return self.pipeline.deploy(self._checkout, "--parameter-overrides", *told)

    def _checked(self, deployed: Ended) -> Release:
        smoke = self.pipeline.smoke()
        return Release(deployed, smoke, "" if smoke.status else self._decline_reason())

    def _decline_reason(self) -> str:
        """Return what this release says of a refund that the gateway declines."""
        refund_id = self.client.post("SIM-DECLINE-1", "20.00").json()["refundId"]
        refund = self.client.wait_for_status(refund_id, "REJECTED")
        return str(refund["decisionReason"])
