"""template.yaml gives each role what the access matrix lists, and nothing else."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from integration.access import mutants
from sam_harness.access import matrix, policies, stack, static
from service.checkout import ROOT

TEMPLATE = ROOT / "template.yaml"
MATRIX = matrix.load(ROOT / "tests" / "access-matrix.yaml")
GIVEN = {"GatewayUrl": "simulated", **MATRIX.examples}
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}
NO_SQS = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"},
}


def differences(
    given: dict[str, str], known: dict[str, Any] | None = None
) -> list[str]:
    """Return how template and matrix differ; ``known``: policies that it names."""
    looked_at = static.layers(TEMPLATE, MATRIX, given, known)
    return static.differences(looked_at, MATRIX, given)


@pytest.mark.parametrize("boundary", ["", BOUNDARY])
def test_no_role_may_do_anything_that_the_matrix_does_not_list(boundary: str) -> None:
    """On every branch of the template: production, a gateway's secret, ..."""
    given = {"PermissionsBoundaryArn": boundary}

    assert differences(given, {BOUNDARY: EVERYTHING}) == []


def test_production_and_each_deployment_type_are_among_what_is_checked() -> None:
    """Without them the test above would prove less than it says."""
    seen = [parameters for parameters, _ in static.layers(TEMPLATE, MATRIX, {})]

    stages = {parameters.get("Stage") for parameters in seen}
    assert stages - {None, "test", "local", "preview"}
    types = {parameters.get("DeploymentType") for parameters in seen}
    assert "Canary10Percent5Minutes" in types


def test_a_boundary_takes_away_what_it_does_not_allow() -> None:
    """So every role has the boundary that the parameter names."""
    given = {"PermissionsBoundaryArn": BOUNDARY}

    findings = differences(given, {BOUNDARY: NO_SQS})

    lost = {finding.split(" on ")[0] for finding in findings}
    assert lost == {
        "ReceiverRole: sqs:SendMessage",
        "SweeperRole: sqs:SendMessage",
        "ProcessorRole: sqs:ReceiveMessage",
        "ProcessorRole: sqs:DeleteMessage",
        "ProcessorRole: sqs:GetQueueAttributes",
        "ProcessorRole: sqs:ChangeMessageVisibility",
    }
    assert "the permissions boundary does not" in findings[0]


def test_every_role_of_the_template_has_its_boundary() -> None:
    """Also CodeDeploy's, which no denial is tried with."""
    parameters = GIVEN | {"PermissionsBoundaryArn": BOUNDARY}
    whole = stack.load(TEMPLATE, parameters)

    roles = policies.of_roles(whole, {BOUNDARY: EVERYTHING})

    assert roles.keys() == set(MATRIX.roles)
    assert all(role.boundary for role in roles.values())


def test_no_role_may_read_another_secret_than_the_gateways() -> None:
    """The Processor reads the one whose ARN is given, which is the matrix's no more."""
    [arn] = MATRIX.examples.values()
    given = {"GatewaySecretArn": arn.replace("gateway", "another")}

    [finding] = differences(given)

    assert finding == (
        f"ProcessorRole: secretsmanager:GetSecretValue on {given['GatewaySecretArn']}: "
        "not in the matrix, but allowed by ProcessorRole, policy processor, "
        "ReadGatewaySecret"
    )


def every_mutant() -> Iterator[Any]:
    """Yield every mutant of the policies that the mutation run tries for real."""
    whole = stack.load(TEMPLATE, GIVEN)
    removed = [mutant for mutant, _ in mutants.removals(MATRIX.at(GIVEN), whole)]
    for mutant in [*removed, *mutants.additions(MATRIX.at(GIVEN), whole)]:
        yield pytest.param(mutant, id=str(mutant))


@pytest.mark.parametrize("mutant", list(every_mutant()))
def test_every_mutant_of_a_policy_is_noticed(
    mutant: mutants.Mutant, plain: stack.Stack
) -> None:
    """A finding names the role, and the action that is missing or too much.

    The other roles are left out: what they may do is the same.
    """
    role = plain.resources[mutant.role]
    others = plain.of_kind("AWS::IAM::Role")
    rest = {k: v for k, v in plain.resources.items() if v not in others}
    properties = deepcopy(dict(role.properties))
    policy = properties["Policies"][0]
    policy["PolicyDocument"] = mutants.mutated(policy["PolicyDocument"], mutant)
    mutated = replace(role, properties=properties)
    changed = replace(plain, resources={**rest, mutant.role: mutated})

    findings = static.StaticLayer(MATRIX.at(GIVEN), changed).findings()

    service = mutant.action.partition(":")[0]
    assert findings
    assert {finding.role for finding in findings} == {mutant.role}
    assert all(finding.action.startswith(f"{service}:") for finding in findings)


@pytest.fixture(scope="module")
def plain() -> stack.Stack:
    """Return the template's resources, everything resolved."""
    return stack.load(TEMPLATE, GIVEN)
