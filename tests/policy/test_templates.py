"""Each template in each way in which it is deployed, by sam-harness's own commands."""

import shlex

import pytest

from sam_harness import cli
from service.parameters import SPEED_AND_COST

CREDENTIALS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf"
SERVICE, ROLES = "template.yaml", ".github/deploy-role.yaml"
PRODUCTION = {
    "Stage": "production",
    "GatewayUrl": "https://gateway.example",
    "GatewaySecretArn": CREDENTIALS,
    "DeploymentType": "Canary10Percent5Minutes",
}
LEVERS = PRODUCTION | SPEED_AND_COST | {"MinimumPollers": "4"}
# Which environment's roles deploy which stack, and the secret that both know.
DEPLOYED = (
    ("test", "refunds-test", "refunds-test", ""),
    ("production", "refunds-production", "refunds-production", CREDENTIALS),
    ("preview", "refunds-pr-12", "refunds-pr-*", ""),
)


def checked(template: str, parameters: dict[str, str]) -> int:
    """Return the exit status of ``sam-harness policy``, which says what it found."""
    given = [f"--parameter={name}={value}" for name, value in parameters.items()]
    return cli.main(["policy", template, *given])


@pytest.mark.parametrize("parameters", [{}, PRODUCTION, LEVERS])
def test_service_is_clean_with_one_suppression(
    parameters: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """CodeDeploy's role may ask for all alarms, as AWS's own policies for it may."""
    status = checked(SERVICE, parameters)

    *found, total = capsys.readouterr().out.splitlines()
    assert [one.rpartition(" (")[2] for one in found] == [
        "suppressed by DeploymentRole)"
    ]
    assert (status, total) == (0, f"{SERVICE}: 0 findings, 1 suppressed")


@pytest.mark.parametrize(
    ("template", "parameters"),
    [
        (ROLES, {}),
        (ROLES, {"Environment": "production", "GatewaySecretArn": CREDENTIALS}),
        (ROLES, {"Environment": "preview"}),
        (".github/account.yaml", {}),
    ],
)
def test_what_an_administrator_deploys_is_clean(
    template: str, parameters: dict[str, str]
) -> None:
    """What is found stands in the output."""
    assert checked(template, parameters) == 0


@pytest.mark.parametrize(("environment", "stack", "named", "secret"), DEPLOYED)
def test_roles_may_do_what_deploying_takes(
    environment: str, stack: str, named: str, secret: str
) -> None:
    """What would be denied stands in the output."""
    command = f"""deploy-permissions {SERVICE} --stack-name {stack}
        --role-template {ROLES} --role-parameter Repository=owner/name
        --role-parameter Environment={environment} --role-parameter StackName={named}
        --role-parameter GatewaySecretArn={secret} --parameter GatewaySecretArn={secret}
    """
    assert cli.main(shlex.split(command)) == 0
