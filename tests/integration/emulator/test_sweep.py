"""What a run leaves in a LocalStack that others will use."""

import json

from harness.emulator import gate_client, sweep
from harness.emulator.reachable import Emulator
from integration.emulator.functions import Functions, make_role

ACCOUNT = "314159265358"
TEMPLATE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}


def test_stacks_functions_and_decisions_of_an_account_are_removed(
    emulator: Emulator,
) -> None:
    """They would cost time as long as LocalStack runs."""
    session = emulator.session(ACCOUNT)
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(StackName="left", TemplateBody=json.dumps(TEMPLATE))
    functions = Functions(session, make_role(session))
    function = functions.create("def handler(event, context): return 'answer'")
    assert function.invoke().payload == "answer"
    url = emulator.endpoint_url
    assert gate_client.decisions(url, account=ACCOUNT)

    sweep.account(session, url)

    stacks = cloudformation.describe_stacks()["Stacks"]
    assert {stack["StackStatus"] for stack in stacks} == {"DELETE_COMPLETE"}
    assert session.client("lambda").list_functions()["Functions"] == []
    assert "QueueUrls" not in session.client("sqs").list_queues()
    assert gate_client.decisions(url, account=ACCOUNT) == []
