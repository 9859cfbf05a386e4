"""The files in stages/ fit template.yaml."""

import pytest

from sam_harness.deploying.stage import parameters_of
from sam_harness.localstack.stacks.parameters import problems
from sam_harness.template.document import load
from service.checkout import ROOT

TEMPLATE = load(ROOT / "template.yaml")
VARIABLES = {
    "PERMISSIONS_BOUNDARY_ARN": "arn:aws:iam::123456789012:policy/boundary",
    "GATEWAY_URL": "https://gateway.example",
    "GATEWAY_SECRET_ARN": (
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-AbCdEf"
    ),
    "DEPLOYMENT_TYPE": "Canary10Percent5Minutes",
}
STAGES = sorted(file.stem for file in (ROOT / "stages").glob("*.yaml"))


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_keeps_the_templates_rules(name: str) -> None:
    """Every parameter is of the template, and together they are allowed."""
    values = parameters_of(ROOT / "stages" / f"{name}.yaml", TEMPLATE, VARIABLES)

    assert values.keys() == TEMPLATE["Parameters"].keys()
    assert list(problems(TEMPLATE, values)) == []
    assert values["Stage"] == name
    assert values["PermissionsBoundaryArn"] == VARIABLES["PERMISSIONS_BOUNDARY_ARN"]


def test_there_is_a_file_for_each_environment_of_github() -> None:
    """The three of docs/deploy.md."""
    assert STAGES == ["preview", "production", "test"]


@pytest.mark.parametrize("name", ["test", "production"])
def test_a_canary_that_decides_nothing_is_stopped(name: str) -> None:
    """A tenth of the calls is its share of what fails, as both alarms count it."""
    watched = TEMPLATE["Globals"]["Function"]["DeploymentPreference"]["Alarms"]
    values = parameters_of(ROOT / "stages" / f"{name}.yaml", TEMPLATE, VARIABLES)

    assert {"Ref": "GatewayFailureAlarm"} in watched
    assert {"Ref": "DecisionFailureAlarm"} in watched
    assert float(values["FailureAlarmPercent"]) <= 10 / 2
