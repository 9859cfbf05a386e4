"""The operator's command for refunds that stay PENDING, on a stack of moto's."""

from collections.abc import Callable

import boto3
import pytest
from botocore.stub import Stubber

from refunds.domain.model import now
from service import undecided
from service.undecided_sources import Clients
from unit.refunds.cloud import QUEUE_URL, TABLE_NAME, Cloud
from unit.refunds.order_gateway import OrderGateway

type Run = Callable[..., str]
OUTPUTS = {
    "TableName": TABLE_NAME,
    "QueueUrl": QUEUE_URL,
    "ReceiverFunctionName": "stage-receiver",
}
PARAMETERS = {
    "UndecidedAfterMinutes": "60",
    "GatewayKeyRetentionHours": "24",
    "GatewayLookUp": "true",
    "GatewaySecretArn": "",
    "GatewayConnectTimeoutSeconds": "0.5",
    "GatewayReadTimeoutSeconds": "0.5",
    "Currency": "EUR",
    "CurrencyDecimals": "2",
}


@pytest.fixture(scope="module")
def clients(shared_cloud: Cloud) -> Clients:
    """Return clients of moto's account; each takes 20 ms and more to make."""
    session = boto3.Session(region_name="us-east-1")
    return Clients(
        session.client("cloudformation"),
        shared_cloud.dynamodb,
        shared_cloud.sqs,
        session.client("logs"),
        session.client("secretsmanager"),
    )


@pytest.fixture
def stage(cloud: Cloud, gateway: OrderGateway) -> dict[str, str]:
    """Return the parameters of the stack; a test may change them."""
    del cloud  # empty by now
    return PARAMETERS | {"GatewayUrl": gateway.gateway.url}


@pytest.fixture
def run(
    clients: Clients,
    stage: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Return what runs the command on the stack; it returns what was printed."""
    monkeypatch.setattr(undecided, "connect", lambda *_: clients)

    def command(*arguments: str) -> str:
        stack = {
            "StackName": "stage",
            "CreationTime": now(),
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [
                {"OutputKey": key, "OutputValue": value}
                for key, value in OUTPUTS.items()
            ],
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in stage.items()
            ],
        }
        with Stubber(clients.cloudformation) as cloudformation:
            cloudformation.add_response("describe_stacks", {"Stacks": [stack]})
            undecided.main(["--stack", "stage", *arguments])
        return capsys.readouterr().out

    return command
