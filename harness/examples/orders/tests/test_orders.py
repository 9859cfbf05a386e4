"""The stack on an emulator: an order goes all the way, and a role may do no more."""

import json
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from sam_harness.waiting import wait_until


@pytest.fixture(scope="session")
def aws(emulator, account_id):
    """Return a boto3 session in the account of this run."""
    return emulator.session(account_id)


def test_an_order_is_taken_and_packed(deployed, emulator, aws):
    """The API answers 202, and the queue's function writes PACKED."""
    key = aws.client("apigateway").get_api_key(
        apiKey=deployed.outputs["ApiKeyId"], includeValue=True
    )["value"]
    request = Request(
        f"{emulator.url_of(deployed.outputs['ApiUrl'])}/orders",
        data=json.dumps({"what": "a lamp"}).encode(),
        headers={"x-api-key": key, "Content-Type": "application/json"},
    )
    with urlopen(request) as answer:
        assert answer.status == 202
        order_id = json.load(answer)["orderId"]

    orders = aws.resource("dynamodb").Table(deployed.outputs["TableName"])
    wait_until(
        lambda: orders.get_item(Key={"PK": order_id})["Item"]["status"],
        lambda status: status == "PACKED",
        what="packed order",
        timeout_s=30,
    )


def test_the_function_that_takes_orders_may_not_read_them(deployed, role_session):
    """Its role is denied what its policy does not name, and allowed what it does."""
    role = role_session(deployed.outputs["TakeRoleArn"])
    orders = role.resource("dynamodb").Table(deployed.outputs["TableName"])

    orders.put_item(Item={"PK": "role", "what": "a test", "status": "TAKEN"})
    with pytest.raises(ClientError) as denied:
        orders.get_item(Key={"PK": "role"})

    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert (
        "is not authorized to perform: dynamodb:GetItem on resource" in error["Message"]
    )
    assert orders.name in error["Message"]
