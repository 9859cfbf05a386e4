"""The roles of .github/deploy-role.yaml: what of them the rehearsals would miss."""

import pytest
import yaml

from rehearsal import previews, taken_away
from rehearsal.previews import Previewed
from rehearsal.releases import Rehearsed
from rehearsal.roles import StageRoles
from rehearsal.taken_away import Grant
from sam_harness.emulator import gate_client
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.emulator.emulator import DEFAULT_ACCOUNT
from sam_harness.emulator.gate_client import RecordedDecision
from service.checkout import ROOT

SURVIVORS = ROOT / "tests" / "rehearsal" / "survivors.yaml"
ROLES = ("DeployRole", "OperatorRole", "Boundary")


class Account:
    """A stage's account after its rehearsal."""

    def __init__(
        self, localstack: EmbeddedLocalStack, account: str, roles: StageRoles
    ) -> None:
        self._iam = localstack.session(account).client("iam")
        self._outputs = roles.outputs
        self._decided = gate_client.decisions(localstack.endpoint_url, account=account)

    def grants(self, role: str) -> list[Grant]:
        """Return all that a role, or the boundary, allows here."""
        if role == "Boundary":
            arn = self._outputs["PermissionsBoundaryArn"]
            return list(taken_away.of_policy(self._iam, role, arn))
        if arn := self._outputs.get(f"{role}Arn", ""):
            return list(taken_away.of_role(self._iam, role, arn))
        return []

    def missed(self, role: str) -> set[Grant]:
        """Return those without which something would have been denied."""
        decided = self._decided if role == "Boundary" else self.decided(role)
        return taken_away.missed(self.grants(role), decided)

    def decided(self, role: str) -> list[RecordedDecision]:
        """Return what was decided about a role's calls."""
        arn = self._outputs.get(f"{role}Arn")
        return [one for one in self._decided if one["role"] == arn]


@pytest.fixture(scope="module")
def accounts(
    localstack: EmbeddedLocalStack, rehearsed: Rehearsed, previewed: Previewed
) -> list[Account]:
    """Return those of the test stage and of the previews."""
    return [
        Account(localstack, DEFAULT_ACCOUNT, rehearsed.roles),
        Account(localstack, previews.ACCOUNT, previewed.roles),
    ]


@pytest.mark.parametrize("role", ["DeployRole", "ExecutionRole", "OperatorRole"])
def test_a_role_is_denied_nothing(accounts: list[Account], role: str) -> None:
    """Also where a command or CloudFormation goes on without an answer."""
    decided = [one for account in accounts for one in account.decided(role)]

    assert decided
    assert [one for one in decided if one["decision"] != "allowed"] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_single_action_that_is_taken_away_is_missed(
    accounts: list[Account], role: str
) -> None:
    """By a call that was made, and denied without it; or it is said why not."""
    grants = {grant for account in accounts for grant in account.grants(role)}
    missed = {grant for account in accounts for grant in account.missed(role)}
    explained = set(_explained(role))

    assert missed
    assert sorted(map(str, grants - missed - explained)) == [], "nothing misses these"
    assert sorted(map(str, explained & missed)) == [], "these are missed: no reason"
    assert sorted(map(str, explained - grants)) == [], "these are allowed nowhere"


def _explained(role: str) -> list[Grant]:
    """Return the grants that may survive, each with a reason in the file."""
    listed = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8"))[role]
    assert all(one["reason"] for one in listed)
    return [
        Grant(role, one["statement"], action)
        for one in listed
        for action in one["actions"]
    ]
