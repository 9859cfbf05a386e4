"""The preview of a pull request on an embedded LocalStack, in the role of its jobs."""

from dataclasses import dataclass
from pathlib import Path

from rehearsal.pipeline import Checkout, Ended, Pipeline
from rehearsal.roles import StageRoles, set_up
from rehearsal.stage import account_environment, find, operator_environment
from sam_harness.emulator.embedded import EmbeddedLocalStack
from service.checkout import ROOT

ACCOUNT = "330000000000"
NUMBER = "7"
STACK = f"refunds-pr-{NUMBER}"


@dataclass(frozen=True, slots=True)
class Previewed:
    """How the jobs of .github/workflows/preview.yml ended, in their order."""

    deployed: Ended
    smoke: Ended
    swept: Ended
    deleted: Ended
    deleted_again: Ended
    roles: StageRoles


def rehearse(localstack: EmbeddedLocalStack, scratch: Path) -> Previewed:
    """Deploy a preview, sweep the forgotten ones, delete it, and once more."""
    session, endpoint_url = localstack.session(ACCOUNT), localstack.endpoint_url
    roles = set_up(session, endpoint_url, "preview", "refunds-pr-*")

    def pipeline(environment: dict[str, str]) -> Pipeline:
        return Pipeline(
            STACK,
            {**environment, **roles.variables()},
            scratch / "before.json",
            roles.credentials("DeployRole"),
        )

    deploying = pipeline(account_environment(endpoint_url, localstack.region))
    deployed = deploying.deploy(
        Checkout.copied_to(scratch / "checkout"),
        "--stage", ROOT / "stages" / "preview.yaml", "--stack-name", STACK,
    )  # fmt: skip
    assert deployed.status == 0, deployed.output
    stack = find(session, STACK, endpoint_url)
    after = pipeline(operator_environment(stack))
    return Previewed(
        deployed,
        after.smoke(),
        after.preview("sweep", "--days", "3"),
        after.preview("delete", NUMBER),
        after.preview("delete", NUMBER),
        roles,
    )
