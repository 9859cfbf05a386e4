"""The gate where LocalStack signs: in functions, their poller and their log."""

from typing import Any

import boto3
import pytest

from harness.tests.integration.emulator.functions import Function, Functions
from harness.tests.integration.gate.calls import CALLS, Call, assume_role
from harness.tests.integration.gate.resources import Resources
from harness.tests.integration.gate.roles import Role, Roles, client, denied
from sam_harness.emulator import gate_client
from sam_harness.emulator.emulator import Emulator
from sam_harness.waiting import wait_until

pytestmark = pytest.mark.needs_gate(reason="it is about the gate")

# Makes the call that it is told, with the credentials that Lambda gave it.
PROBE = """
    import boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        operation = getattr(boto3.client(event["service"]), event["operation"])
        try:
            operation(**event["parameters"])
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return [error.response["Error"]["Code"], status, str(error)]
        return ["", 200, ""]
"""
NEEDED = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
TAKES_ALL = """
    def handler(event, context):
        print("received", len(event["Records"]))
"""


@pytest.fixture
def probe(role: Role, session: boto3.Session) -> Function:
    """Return a function that runs under ``role``."""
    return Functions(session, role.arn).create(PROBE)


@pytest.fixture(params=[c for c in CALLS if c is not assume_role],
                ids=lambda make: make.__name__)  # fmt: skip
def call(request: pytest.FixtureRequest, resources: Resources, roles: Roles) -> Call:
    """Return a call on a resource of its own."""
    made: Call = request.param(resources, roles)
    return made


def ask(probe: Function, call: Call) -> Any:  # noqa: ANN401 - what the function returns
    """Let a function make the call."""
    told = {
        "service": call.service,
        "operation": call.operation,
        "parameters": call.parameters,
    }
    answer = probe.invoke(told)
    assert answer.error is None, answer.payload
    return answer.payload


def test_a_function_may_do_what_its_role_may(
    role: Role, probe: Function, call: Call
) -> None:
    """The same code under the same role, before and after the permission is given."""
    code, status, message = ask(probe, call)

    assert (code, status) == (call.refused.code, call.refused.http_status)
    assert f"not authorized to perform: {call.shown} on resource: " in message
    assert call.arn in message.replace('"', "").split()
    assert f"assumed-role/{role.name}/{probe.name}" in message
    role.allow(call.action, call.arn)
    assert ask(probe, call) == ["", 200, ""]


def test_invoking_a_function_needs_permission(
    roles: Roles, probe: Function, resources: Resources
) -> None:
    """lambda:InvokeFunction on the function's ARN."""
    invoker = roles.make()
    arn = resources.arn("lambda", f"function:{probe.name}")
    functions = invoker.client("lambda")
    wanted = {
        "FunctionName": probe.name,
        "Payload": b'{"service": "sts", "operation": "get_caller_identity",'
        b' "parameters": {}}',
    }

    refused = denied(functions.invoke, **wanted)

    assert (refused.code, refused.http_status) == ("AccessDeniedException", 403)
    assert f"lambda:InvokeFunction on resource: {arn} " in refused.message
    invoker.allow("lambda:InvokeFunction", arn)
    assert functions.invoke(**wanted)["Payload"].read() == b'["", 200, ""]'


def test_a_role_that_does_not_trust_lambda_makes_no_function(
    roles: Roles, session: boto3.Session, account_id: str
) -> None:
    """Lambda assumes the role itself; AWS refuses to create the function."""
    untrusting = roles.make({"AWS": account_id})

    refused = denied(
        client(session, "lambda").create_function,
        FunctionName="never",
        Role=untrusting.arn,
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": b""},
    )

    assert refused.code == "InvalidParameterValueException"
    assert "cannot be assumed by Lambda" in refused.message


@pytest.mark.parametrize("lacking", ["sqs:ReceiveMessage", "sqs:DeleteMessage"])
def test_the_poller_of_a_queue_may_do_what_the_functions_role_may(
    role: Role,
    resources: Resources,
    session: boto3.Session,
    emulator: Emulator,
    lacking: str,
) -> None:
    """Without one of its permissions a message stays; with it, it is consumed."""
    queue = resources.queue(VisibilityTimeout="1")
    for action in NEEDED - {lacking}:
        role.allow(action, queue.arn, policy=action.replace(":", "-"))
    function = Functions(session, role.arn).create(TAKES_ALL, timeout_s=1)
    sqs = client(session, "sqs")
    sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    functions = client(session, "lambda")
    mapping = functions.create_event_source_mapping(
        EventSourceArn=queue.arn, FunctionName=function.name, BatchSize=1
    )

    wait_until(
        lambda: gate_client.decisions(emulator.endpoint_url, role=role.arn),
        lambda seen: any(
            (one["action"], one["resource"], one["decision"])
            == (lacking, queue.arn, "implicitDeny")
            for one in seen
        ),
        what=f"{lacking} to be refused",
        timeout_s=15,
    )
    assert depth(sqs, queue.url) == 1

    role.allow(lacking, queue.arn)
    wait_until(
        lambda: depth(sqs, queue.url),
        lambda seen: seen == 0,
        what="the message to be consumed",
        timeout_s=30,
    )
    functions.delete_event_source_mapping(UUID=mapping["UUID"])


def test_a_queue_that_the_role_may_not_describe_is_not_mapped(
    role: Role, resources: Resources, session: boto3.Session
) -> None:
    """Lambda looks at the queue, with the function's role, when it is mapped."""
    queue = resources.queue()
    role.allow("sqs:ReceiveMessage", queue.arn)
    function = Functions(session, role.arn).create(TAKES_ALL)

    refused = denied(
        client(session, "lambda").create_event_source_mapping,
        EventSourceArn=queue.arn,
        FunctionName=function.name,
    )

    assert f"sqs:getqueueattributes on resource: {queue.arn} " in refused.message


def depth(sqs: Any, url: str) -> int:  # noqa: ANN401 - boto3's client
    """Return the number of messages in a queue, those in flight included."""
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(told["ApproximateNumberOfMessages"]) + int(
        told["ApproximateNumberOfMessagesNotVisible"]
    )


def test_a_functions_log_is_written_with_its_role(
    role: Role, probe: Function, resources: Resources, emulator: Emulator
) -> None:
    """Without logs:PutLogEvents there is no log, as on AWS."""
    group = f"/aws/lambda/{probe.name}"
    told = {"service": "sts", "operation": "get_caller_identity", "parameters": {}}
    probe.invoke(told)

    wait_until(
        lambda: gate_client.decisions(emulator.endpoint_url, role=role.arn),
        lambda seen: (
            {"logs:CreateLogStream", "logs:PutLogEvents"}
            <= {one["action"] for one in seen if one["decision"] == "implicitDeny"}
        ),
        what="the writing of the log to be refused",
        timeout_s=10,
    )
    for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents"):
        arn = resources.arn("logs", f"log-group:{group}:*")
        role.allow(f"logs:{action}", arn, policy=action)
    probe.invoke(told)
    assert probe.log(until="REPORT")
