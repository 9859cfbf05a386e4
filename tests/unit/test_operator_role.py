"""The operator's role of a stage is enough for `tox -e undecided`, and not for more."""

import pytest

from sam_harness.access import stack
from sam_harness.access.policies import of_roles, read
from sam_harness.iam.evaluate import evaluate
from sam_harness.iam.request import Principal, Request
from service.checkout import ROOT

GIVEN = {
    "Repository": "owner/refunds",
    "Environment": "production",
    "StackName": "refunds-production",
    "GatewaySecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf",
}
PLAIN = stack.load(ROOT / ".github" / "deploy-role.yaml", GIVEN)
ROLES = of_roles(PLAIN, {})
HERE = "us-east-1:123456789012"
TABLE = f"arn:aws:dynamodb:{HERE}:table/refunds-production-RefundTable-1ABC"
STACK = f"arn:aws:cloudformation:{HERE}:stack/refunds-production/1-2-3"
QUEUE = f"arn:aws:sqs:{HERE}:refunds-production-queue"
RECEIVERS_LOG = (
    f"arn:aws:logs:{HERE}:log-group:/aws/lambda/refunds-production-receiver:"
)


def _may(action: str, arn: str) -> bool:
    principal = Principal.parse(PLAIN.resources["OperatorRole"].arn)
    request = Request.of(principal, action, arn, {})
    return evaluate(read(ROLES["OperatorRole"]).written, request).is_allowed


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("cloudformation:DescribeStacks", STACK),
        ("dynamodb:Query", f"{TABLE}/index/GSI1"),
        ("dynamodb:Query", f"{TABLE}/index/GSI2"),
        ("dynamodb:GetItem", TABLE),
        ("logs:FilterLogEvents", RECEIVERS_LOG),
        ("sqs:SendMessage", QUEUE),
    ],
)
def test_operator_may_do_what_the_command_does(action: str, arn: str) -> None:
    """Each call that it makes, besides those to the payment gateway."""
    assert _may(action, arn)


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("dynamodb:Query", TABLE),
        ("dynamodb:Scan", TABLE),
        ("dynamodb:Scan", f"{TABLE}/index/GSI2"),
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:UpdateItem", TABLE),
        ("dynamodb:PartiQLUpdate", TABLE),
        ("dynamodb:DeleteItem", TABLE),
        ("dynamodb:GetItem", TABLE.replace("refunds-production", "others")),
        ("sqs:SendMessage", QUEUE.replace("-queue", "-dlq")),
        (
            "lambda:InvokeFunction",
            f"arn:aws:lambda:{HERE}:function:refunds-production-sweeper",
        ),
        # Who has the gateway's credentials can pay.
        ("secretsmanager:GetSecretValue", GIVEN["GatewaySecretArn"]),
    ],
)
def test_operator_may_neither_decide_nor_pay(action: str, arn: str) -> None:
    """It asks for decisions, which the Processor makes."""
    assert not _may(action, arn)
