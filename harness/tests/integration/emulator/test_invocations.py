"""What a function gets and gives back, as on AWS."""

import base64
import json
from uuid import uuid4

import boto3
import pytest

from harness.tests.integration.emulator.functions import Functions
from sam_harness.waiting import wait_until

ECHO = """
    import os
    import sys

    COUNT = [0]

    def handler(event, context):
        COUNT[0] += 1
        return {
            "event": event,
            "count": COUNT[0],
            "pid": os.getpid(),
            "environment": dict(os.environ),
            "path": sys.path,
            "request_id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "memory": context.memory_limit_in_mb,
            "remaining_ms": context.get_remaining_time_in_millis(),
            "client": context.client_context and context.client_context.custom,
        }
"""
LAMBDAS_OWN = {
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "PATH",
    "TZ",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
}
# CPython sets it itself where the machine lacks the locale of LANG (PEP 538).
CPYTHONS = {"LC_CTYPE"}


def test_a_function_gets_its_event_and_context(functions: Functions) -> None:
    """Event, request id, ARN, memory, time left: what the handler sees."""
    function = functions.create(ECHO, timeout_s=7, MemorySize=256)

    answer = function.invoke({"amount": "49.90", "name": "Zoë"})

    assert answer.error is None
    assert answer.payload["event"] == {"amount": "49.90", "name": "Zoë"}
    assert answer.payload["arn"].endswith(f":function:{function.name}")
    assert answer.payload["memory"] == "256"
    assert 6000 < answer.payload["remaining_ms"] <= 7000


def test_a_warm_function_keeps_its_process(functions: Functions) -> None:
    """The second call finds what the first left in memory."""
    function = functions.create(ECHO)

    first, second = function.invoke().payload, function.invoke().payload

    assert first["pid"] == second["pid"]
    assert (first["count"], second["count"]) == (1, 2)
    assert first["request_id"] != second["request_id"]


def test_the_client_context_arrives(functions: Functions) -> None:
    """LocalStack drops it on its way; the plugin does not."""
    function = functions.create(ECHO)
    context = base64.b64encode(json.dumps({"custom": {"shop": "7"}}).encode()).decode()

    answer = function.invoke(ClientContext=context)

    assert answer.payload["client"] == {"shop": "7"}


def test_a_function_sees_lambdas_environment_and_no_other(
    functions: Functions,
) -> None:
    """Neither the harness's, nor LocalStack's, nor the user's variables leak in."""
    function = functions.create(ECHO, variables={"STAGE": "test", "EMPTY": ""})

    seen = function.invoke().payload["environment"]

    assert set(seen) - CPYTHONS == LAMBDAS_OWN | {"STAGE", "EMPTY"}
    assert (seen["STAGE"], seen["EMPTY"]) == ("test", "")
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == function.name
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"


def test_a_function_imports_what_lambda_has_and_no_more(functions: Functions) -> None:
    """A dependency that is missing from the artefact is missed."""
    function = functions.create("""
        import importlib.util

        def handler(event, context):
            return [n for n in event if importlib.util.find_spec(n)]
    """)

    found = function.invoke(
        ["boto3", "awslambdaric", "app", "localstack", "moto", "harness", "pytest"]
    )

    assert found.payload == ["boto3", "awslambdaric", "app"]


def test_a_function_calls_aws_as_its_role(functions: Functions) -> None:
    """The SDK inside a function reaches this LocalStack with the role's credentials."""
    function = functions.create("""
        import boto3

        def handler(event, context):
            return boto3.client("sts").get_caller_identity()["Arn"]
    """)

    arn = function.invoke().payload

    role = functions.role_arn.rpartition("/")[2]
    assert arn.endswith(f":assumed-role/{role}/{function.name}")


def test_an_exception_of_the_handler_is_the_answer(functions: Functions) -> None:
    """Type, message and stack trace, as awslambdaric tells them."""
    function = functions.create("""
        def handler(event, context):
            raise ValueError("no such order")
    """)

    answer = function.invoke()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "ValueError"
    assert answer.payload["errorMessage"] == "no such order"
    assert "in handler" in answer.payload["stackTrace"][0]
    assert any(
        "[ERROR] ValueError: no such order" in line
        for line in function.log(until="REPORT")
    )


def test_a_response_over_6_mb_is_an_error_and_the_process_lives(
    functions: Functions,
) -> None:
    """The limit is the response's 6,291,556 bytes; the answer says so."""
    function = functions.create("""
        import os

        def handler(event, context):
            return "x" * event if event else os.getpid()
    """)
    pid = function.invoke().payload

    fits, too_large = function.invoke(6_291_554), function.invoke(6_291_555)

    assert (fits.error, len(fits.payload)) == (None, 6_291_554)
    assert too_large.error == "Unhandled"
    assert too_large.payload["errorType"] == "Function.ResponseSizeTooLarge"
    assert "6291556 bytes" in too_large.payload["errorMessage"]
    assert function.invoke().payload == pid


def test_the_code_directory_stays_as_packaged(functions: Functions) -> None:
    """No bytecode is left in it: on AWS it cannot be written to."""
    function = functions.create("""
        import os

        def handler(event, context):
            return os.listdir(os.environ["LAMBDA_TASK_ROOT"])
    """)

    assert function.invoke().payload == ["app.py"]


def test_functions_of_equal_code_go_without_each_other(
    functions: Functions, session: boto3.Session
) -> None:
    """Their code is unpacked once; the other one's cold start still finds it."""
    source = "def handler(event, context): return 'equal'"
    one, other = functions.create(source), functions.create(source)
    assert one.invoke().payload == "equal"

    session.client("lambda").delete_function(FunctionName=one.name)

    assert other.invoke().payload == "equal"


def test_events_before_and_after_an_update_are_taken(
    functions: Functions, session: boto3.Session
) -> None:
    """The old version's poller still waits for events when the new version serves."""
    client = session.client("lambda")
    function = functions.create("def handler(event, context): print(event)")

    def send(event: str) -> None:
        client.invoke(
            FunctionName=function.name,
            InvocationType="Event",
            Payload=json.dumps(event),
        )

    send("said before")
    assert function.log(until="said before")
    client.update_function_configuration(FunctionName=function.name, Timeout=9)
    client.get_waiter("function_updated_v2").wait(FunctionName=function.name)

    for number in range(5):
        send(f"said after {number}")

    for number in range(5):
        assert function.log(until=f"said after {number}")


def test_an_event_to_an_alias_goes_where_the_alias_says(
    functions: Functions, session: boto3.Session
) -> None:
    """It fails once: the alias allows for no retry, and names a queue for failures.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
    """
    client, sqs = session.client("lambda"), session.client("sqs")
    name = functions.create("def handler(event, context): 1 / 0").name
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    version = client.publish_version(FunctionName=name)["Version"]
    client.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    client.put_function_event_invoke_config(
        FunctionName=name,
        Qualifier="live",
        MaximumRetryAttempts=0,
        DestinationConfig={
            "OnFailure": {"Destination": queue["Attributes"]["QueueArn"]}
        },
    )

    client.invoke(FunctionName=f"{name}:live", InvocationType="Event", Payload=b"1")

    got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    told = json.loads(got[0]["Body"])["requestContext"]
    assert told["condition"] == "RetriesExhausted"


@pytest.mark.parametrize(
    ("fails", "said"), [("raise KeyError", "KeyError"), ("", "no message")], ids=str
)
def test_an_event_that_fails_without_a_message_is_a_dead_letter(
    session: boto3.Session, functions: Functions, fails: str, said: str
) -> None:
    """LocalStack loses it, also one that no execution environment is reserved for."""
    sqs, client = session.client("sqs"), session.client("lambda")
    url = sqs.create_queue(QueueName=f"dead-{uuid4().hex[:8]}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    name = functions.create(
        f"def handler(event, context): {fails or 'pass'}",
        DeadLetterConfig={"TargetArn": attributes["Attributes"]["QueueArn"]},
    ).name
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    if not fails:
        client.put_function_concurrency(
            FunctionName=name, ReservedConcurrentExecutions=0
        )

    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a": 1}')

    [dead] = wait_until(
        lambda: sqs.receive_message(
            QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1
        ).get("Messages", []),
        bool,
        what="a dead letter",
        timeout_s=20,
    )
    assert json.loads(dead["Body"]) == {"a": 1}
    assert dead["MessageAttributes"]["ErrorMessage"]["StringValue"] == said
