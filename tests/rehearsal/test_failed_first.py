"""A first production deployment that failed: docs/deploy.md's way to repeat it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from rehearsal import page
from rehearsal.stage import account_environment
from sam_harness.deploying.operation import Operation
from sam_harness.emulator.embedded import EmbeddedLocalStack
from sam_harness.errors import HarnessError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

ACCOUNT = "430000000000"
STACK = "refunds-production"
SECTION = "A first deployment that fails"
KEY = [{"AttributeName": "id", "AttributeType": "S"}]


def test_its_commands_make_room_for_another_try(
    localstack: EmbeddedLocalStack, tmp_path: Path
) -> None:
    """The table was made and is protected, then something failed."""
    session = localstack.session(ACCOUNT)
    cloudformation, tables = (
        session.client("cloudformation"),
        session.client("dynamodb"),
    )
    with pytest.raises(HarnessError, match="Fails"):
        create(cloudformation, broken=True)
    [table] = tables.list_tables()["TableNames"]
    # LocalStack's CloudFormation leaves that property out.
    tables.update_table(TableName=table, DeletionProtectionEnabled=True)
    with pytest.raises(ClientError, match="DeletionProtection"):
        tables.delete_table(TableName=table)

    page.commands(tmp_path)
    base = account_environment(localstack.endpoint_url, localstack.region)
    own = {"AWS_ACCESS_KEY_ID": ACCOUNT}
    shell = page.Shell(page.environment({**base, **own}, tmp_path), tmp_path)
    [block] = page.blocks([SECTION])
    done = shell.run(block.text)

    assert done.status == 0, done.output
    assert tables.list_tables()["TableNames"] == []
    create(cloudformation, broken=False)


def create(cloudformation: "CloudFormationClient", *, broken: bool) -> None:
    """Deploy a protected table, and after it what cannot be made if ``broken``."""
    resources: dict[str, object] = {
        "RefundTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": KEY,
                "BillingMode": "PAY_PER_REQUEST",
                "DeletionProtectionEnabled": True,
            },
        }
    }
    if broken:
        resources["Fails"] = {
            "Type": "AWS::Lambda::Permission",
            "DependsOn": "RefundTable",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": "not-there",
                "Principal": "events.amazonaws.com",
            },
        }
    operation = Operation(cloudformation, STACK)
    cloudformation.create_stack(
        StackName=STACK, TemplateBody=json.dumps({"Resources": resources})
    )
    operation.wait(30)
