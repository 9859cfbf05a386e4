"""What Lambda refuses, and what its function URLs carry."""

import http.client
import json
from base64 import b64encode
from contextlib import closing
from typing import Any, Literal

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import Function, Functions
from sam_harness.emulator.emulator import Emulator

MEGABYTE = 1024 * 1024
TOO_LARGE = "RequestTooLargeException"
NO_JSON = "InvalidRequestContentException"
STATUS = {TOO_LARGE: 413, NO_JSON: 400}
ECHO = """
    def handler(event, context):
        headers = event.get("headers", {})
        return {
            "statusCode": 200,
            "cookies": ["a=1", "b=2"],
            "headers": {"x-got": headers.get("x-a", "")},
            "body": ";".join(event.get("cookies", [])),
        }
"""


@pytest.fixture
def echo(functions: Functions) -> Function:
    """Return a function that tells of cookies and headers."""
    return functions.create(ECHO)


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [
        (
            "RequestResponse",
            b'"%s"' % (b"x" * 6 * MEGABYTE),
            "RequestTooLargeException",
        ),
        ("Event", b'"%s"' % (b"x" * MEGABYTE), "RequestTooLargeException"),
        ("RequestResponse", b"{nope", "InvalidRequestContentException"),
        ("Event", b"{nope", "InvalidRequestContentException"),
    ],
    ids=["6 MB", "an event of 1 MB", "no JSON", "an event that is no JSON"],
)
def test_an_invocation_that_aws_refuses_is_refused(
    session: boto3.Session,
    echo: Function,
    kind: Literal["Event", "RequestResponse"],
    payload: bytes,
    code: str,
) -> None:
    """413 above the limit, 400 where the payload is no JSON."""
    with pytest.raises(ClientError) as refused:
        session.client("lambda").invoke(
            FunctionName=echo.name, InvocationType=kind, Payload=payload
        )

    answer = refused.value.response
    assert answer["Error"]["Code"] == code
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == STATUS[code]


def test_an_invocation_without_a_payload_is_served(
    session: boto3.Session, echo: Function
) -> None:
    """The function gets an empty object."""
    answer = session.client("lambda").invoke(FunctionName=echo.name)

    assert "FunctionError" not in answer


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("AWS_REGION", "environment variable AWS_REGION is reserved"),
        ("_HANDLER", "'_HANDLER' at 'environment.variables' .* Map keys must satisfy"),
        ("1A", "'1A' at 'environment.variables' .* Map keys must satisfy"),
        ("A-B", "'A-B' at 'environment.variables' .* Map keys must satisfy"),
    ],
)
def test_names_that_a_variable_cannot_have_are_refused(
    session: boto3.Session, echo: Function, name: str, reason: str
) -> None:
    """Lambda's own, and what is no name."""
    with pytest.raises(ClientError, match=reason):
        session.client("lambda").update_function_configuration(
            FunctionName=echo.name, Environment={"Variables": {name: "x"}}
        )


def test_a_function_url_carries_cookies_and_repeated_headers(
    session: boto3.Session, echo: Function, emulator: Emulator
) -> None:
    """Both ways; one that only signed requests may call is refused, made or changed."""
    client = session.client("lambda")
    with pytest.raises(ClientError, match="AuthType AWS_IAM cannot be had"):
        client.create_function_url_config(FunctionName=echo.name, AuthType="AWS_IAM")
    with pytest.raises(ClientError, match="streams cannot be had"):
        client.create_function_url_config(
            FunctionName=echo.name, AuthType="NONE", InvokeMode="RESPONSE_STREAM"
        )
    url = client.create_function_url_config(FunctionName=echo.name, AuthType="NONE")
    with pytest.raises(ClientError, match="AuthType AWS_IAM cannot be had"):
        client.update_function_url_config(FunctionName=echo.name, AuthType="AWS_IAM")

    here = emulator.url_of(url["FunctionUrl"]).removeprefix("http://")
    host, _, path = here.partition("/")
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.putrequest("GET", f"/{path}")
        for name, value in (("Cookie", "k=v; l=m"), ("X-A", "1"), ("X-A", "2")):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()

    cookies = [value for name, value in answer.getheaders() if name == "Set-Cookie"]
    assert (cookies, answer.getheader("x-got"), body) == (
        ["a=1", "b=2"],
        "1,2",
        b"k=v;l=m",
    )


def test_a_form_arrives_at_a_function_url_as_it_was_sent(
    session: boto3.Session, functions: Functions, emulator: Emulator
) -> None:
    """In base64, as whatever is no text."""
    function = functions.create("""
        def handler(event, context):
            return [event["isBase64Encoded"], event["body"]]
    """)
    url = session.client("lambda").create_function_url_config(
        FunctionName=function.name, AuthType="NONE"
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    here = emulator.url_of(url["FunctionUrl"])
    answer = requests.post(here, b"b=2 3&a=%7e&c", headers=form, timeout=30)

    assert answer.json() == [True, b64encode(b"b=2 3&a=%7e&c").decode()]


def test_logs_in_json_have_the_platforms_records_and_levels(
    session: boto3.Session, functions: Functions
) -> None:
    """What is below the level is left out; another SystemLogLevel is refused."""
    function = functions.create(
        """
        import logging

        def handler(event, context):
            logging.getLogger().setLevel(logging.INFO)
            logging.info("left out")
            logging.warning("kept")
            print("END of a line")
        """,
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN"},
    )

    request_id = function.invoke().request_id

    *records, printed, report = function.log(until="platform.report")
    start, first, kept = [json.loads(record) for record in records]
    told = json.loads(report)
    assert [start["type"], first["type"]] == ["platform.initStart", "platform.start"]
    assert first["record"]["requestId"] == request_id
    assert (kept["level"], kept["message"], printed) == (
        "WARNING",
        "kept",
        "END of a line\n",
    )
    assert (told["type"], told["record"]["status"]) == ("platform.report", "success")
    assert told["record"]["metrics"]["billedDurationMs"] >= 1
    with pytest.raises(ClientError, match="SystemLogLevel WARN cannot be had"):
        session.client("lambda").update_function_configuration(
            FunctionName=function.name,
            LoggingConfig={"SystemLogLevel": "WARN"},
        )


def test_a_function_url_is_throttled_as_its_function_is(
    functions: Functions, session: boto3.Session, emulator: Emulator
) -> None:
    """It reserves no concurrency: 429.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
    """
    client = session.client("lambda")
    name = functions.create("def handler(event, context): return 1").name
    made = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    answer = requests.get(emulator.url_of(made["FunctionUrl"]), timeout=30)

    assert answer.status_code == 429


def test_times_and_retries_beyond_lambdas_limits_are_refused(
    functions: Functions, session: boto3.Session
) -> None:
    """900 s, 10,240 MB, and for an event two retries and six hours."""
    client = session.client("lambda")
    name = functions.create("def handler(event, context): return 1").name

    with pytest.raises(ClientError, match="'901' at 'timeout'"):
        client.update_function_configuration(FunctionName=name, Timeout=901)
    with pytest.raises(ClientError, match="'10241' at 'memorySize'"):
        client.update_function_configuration(FunctionName=name, MemorySize=10241)
    with pytest.raises(ClientError, match="'3' at 'maximumRetryAttempts'"):
        client.put_function_event_invoke_config(
            FunctionName=name, MaximumRetryAttempts=3
        )
    with pytest.raises(ClientError, match="'21601' at 'maximumEventAgeInSeconds'"):
        client.put_function_event_invoke_config(
            FunctionName=name, MaximumEventAgeInSeconds=21601
        )
    with pytest.raises(ClientError, match="'nothing' at 'eventSourceArn' failed"):
        client.create_event_source_mapping(FunctionName=name, EventSourceArn="nothing")


def test_a_version_stays_while_an_alias_points_to_it(
    functions: Functions, session: boto3.Session
) -> None:
    """Or sends it a part of its calls; the function goes with all of them.

    https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
    """
    client = session.client("lambda")
    name = functions.create("def handler(*_): pass").name
    old = client.publish_version(FunctionName=name)["Version"]
    client.update_function_configuration(FunctionName=name, Timeout=9)
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    new = client.publish_version(FunctionName=name)["Version"]
    weights: Any = {"AdditionalVersionWeights": {new: 0.5}}
    alias: Any = {"FunctionName": name, "Name": "live"}
    client.create_alias(**alias, FunctionVersion=old, RoutingConfig=weights)

    for version in (old, new):
        with pytest.raises(ClientError, match=r"following aliases.*\[live\]") as kept:
            client.delete_function(FunctionName=name, Qualifier=version)
        assert kept.value.response["Error"]["Code"] == "ResourceConflictException"
        assert kept.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    weights = {"AdditionalVersionWeights": {}}
    client.update_alias(**alias, FunctionVersion=new, RoutingConfig=weights)
    client.delete_function(FunctionName=f"{name}:{old}")
    there = client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in there] == ["$LATEST", new]
    client.delete_function(FunctionName=name)
