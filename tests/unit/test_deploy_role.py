"""What .github/deploy-role.yaml allows is what deploying template.yaml takes."""

import pytest

from sam_harness.access import policies, stack
from sam_harness.access.deploy.check import Checked, check, load_exceptions
from sam_harness.access.deploy.deployers import of_template
from sam_harness.iam.evaluate import Match
from service.checkout import ROOT

TEMPLATE = ROOT / "template.yaml"
ROLES = ROOT / ".github" / "deploy-role.yaml"
PAYMENTS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-AbCdEf"
GIVEN = {
    "Repository": "owner/name",
    "Environment": "test",
    "StackName": "refunds-test",
}


@pytest.fixture(scope="module")
def checked() -> Checked:
    """Return all that deploying the test stage takes, in every way."""
    return check(
        TEMPLATE,
        "refunds-test",
        {"GatewaySecretArn": "", "ProcessorReservedConcurrency": "20"},
        of_template(ROLES, GIVEN, None),
        load_exceptions(ROOT / ".github" / "deploy-exceptions.yaml"),
    )


def test_all_that_deploying_takes_is_allowed(checked: Checked) -> None:
    """`tox -e policy` asks the same for production and a preview."""
    assert checked.lines() == []


def test_without_any_one_action_of_a_statement_something_would_be_denied(
    checked: Checked,
) -> None:
    """So ExecutionRole allows nothing that is not needed, and nothing of it twice."""
    attached = policies.of_roles(stack.load(ROLES, GIVEN), {})["ExecutionRole"]
    [(name, document)] = attached.identity
    grants = {
        (action, Match(name, statement["Sid"], "Allow"))
        for statement in document["Statement"]
        for action in listed(statement["Action"])
    }

    assert len(grants) > 100
    assert grants - checked.only_by == set()


def test_without_any_one_action_of_the_boundary_a_role_would_lose_it() -> None:
    """So the boundary is no wider than the roles are, and a narrower one is noticed."""
    roles = stack.load(ROLES, GIVEN | {"GatewaySecretArn": PAYMENTS})
    document = roles.resources["Boundary"].properties["PolicyDocument"]
    limit = policies.Attached((("boundary", document),), None)
    within = check(
        TEMPLATE,
        "refunds-test",
        {"GatewaySecretArn": PAYMENTS},
        of_template(ROLES, GIVEN | {"GatewaySecretArn": PAYMENTS}, None),
        load_exceptions(ROOT / ".github" / "deploy-exceptions.yaml"),
    )
    used = {one.action for one in within.allowed if one.reason == "be of use to"}

    assert {action for action, _ in policies.granted(limit)} - used == set()


def test_code_deploys_role_is_among_what_is_checked(checked: Checked) -> None:
    """It is asked for nothing unless DeploymentType is varied."""
    asked = {call.action for call in checked.allowed if call.role == "DeploymentRole"}

    assert asked == {
        "cloudwatch:DescribeAlarms",
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    }


def listed(value: str | list[str]) -> list[str]:
    """Return the one thing, or the list that a policy may have in its place."""
    return value if isinstance(value, list) else [value]
