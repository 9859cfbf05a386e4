"""The fixtures: an emulator, an account in it, the template's stack, its logs.

Every run of pytest loads this module: it imports what it needs when it is needed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from sam_harness import project
from sam_harness.pytest_plugin import plugin

if TYPE_CHECKING:
    import boto3

    from sam_harness.deploying.stack import DeployedStack
    from sam_harness.emulator.emulator import Emulator
    from sam_harness.emulator.gate_client import RecordedDecision
    from sam_harness.packaging.build import Artefact


@pytest.fixture(scope="session")
def emulator(pytestconfig: pytest.Config) -> "Emulator":
    """Return the LocalStack of this run."""
    if not (emulator := plugin.emulator_of(pytestconfig)):
        raise pytest.UsageError(
            "xdist's workers share a LocalStack that is started before they collect: "
            "say --emulator auto, or one of its other kinds, beside -n"
        )
    return emulator


@pytest.fixture(scope="session")
def account_id(emulator: "Emulator", pytestconfig: pytest.Config) -> str:  # noqa: ARG001 - has an account once it is there
    """Return the AWS account of this worker; no other one uses it."""
    return plugin.account_of(pytestconfig)


@pytest.fixture(scope="session")
def role_session(
    emulator: "Emulator", account_id: str
) -> "Callable[[str], boto3.Session]":
    """Return what makes a boto3 session of a role, by its ARN: it may do no more."""
    sts = emulator.session(account_id).client("sts")

    def assumed(role_arn: str) -> "boto3.Session":
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="test")
        given = answer["Credentials"]
        return emulator.session(given["AccessKeyId"], given["SessionToken"])

    return assumed


@pytest.fixture(scope="session")
def artefact() -> "Artefact":
    """Return what the build makes of the project's template."""
    from sam_harness.packaging.build import build
    from sam_harness.template import lint

    lint.begin(project.current().template)
    return build(project.current().template)


@pytest.fixture(scope="session")
def stack_parameters() -> dict[str, str]:
    """Return the parameters to deploy the template with: override it to give some."""
    return {}


@pytest.fixture(scope="session")
def deployed(
    artefact: "Artefact",
    emulator: "Emulator",
    account_id: str,
    stack_parameters: dict[str, str],
) -> "DeployedStack":
    """Return the template's stack, deployed once for each worker."""
    from sam_harness.deploying.deploy import Deployer

    deployer = Deployer(emulator.session(account_id), account_id)
    return deployer.deploy(artefact, f"test-{uuid4().hex[:8]}", stack_parameters)


@pytest.fixture(scope="session")
def function_log(
    deployed: "DeployedStack", emulator: "Emulator", account_id: str
) -> Callable[[str], list[str]]:
    """Return what tells the lines that a function, by its logical id, has logged."""
    session = emulator.session(account_id)
    functions, logs = session.client("lambda"), session.client("logs")

    def lines(logical_id: str) -> list[str]:
        name = deployed.functions[logical_id]
        found = functions.get_function_configuration(FunctionName=name)
        group = found["LoggingConfig"]["LogGroup"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        messages = [event["message"] for page in pages for event in page["events"]]
        return "".join(messages).splitlines()

    return lines


@pytest.fixture(scope="session")
def gate_decisions(
    emulator: "Emulator", account_id: str
) -> "Callable[[str | None], list[RecordedDecision]]":
    """Return what tells the IAM gate's decisions about a role, or about all of them."""
    from sam_harness.emulator import gate_client

    def decisions(role: str | None = None) -> "list[RecordedDecision]":
        return gate_client.decisions(
            emulator.endpoint_url, account=account_id, role=role
        )

    return decisions
