"""Keys, throttles and quotas; which requests pass, and how they reach the function.

What is answered is documented, or was measured on AWS by others:
https://github.com/ministackorg/ministack/issues/1746.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
import requests

from harness.tests.integration.rest.calls import sent
from harness.tests.integration.rest.conftest import Api
from sam_harness.waiting import wait_until

MEGABYTE = 1024 * 1024
REPEATED = [("X-A", "1"), ("X-A", "2")]


def send(url: str, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """Return the event of a POST."""
    event: dict[str, Any] = json.loads(sent("POST", url, headers, body).body)
    return event


def test_only_a_living_key_of_a_plan_of_the_stage_gets_through(api: Api) -> None:
    """Not one that is disabled, deleted or in no plan; nor do these hinder others."""
    client, plan = api.session.client("apigateway"), api.outputs["OftenPlan"]

    def key(*, enabled: bool = True, in_plan: bool = True) -> dict[str, str]:
        made = client.create_api_key(name=f"key-{uuid4().hex[:8]}", enabled=enabled)
        if in_plan:
            client.create_usage_plan_key(
                usagePlanId=plan, keyId=made["id"], keyType="API_KEY"
            )
        return {"id": made["id"], "x-api-key": made["value"]}

    deleted, disabled = key(), key(enabled=False)
    stranger, good = key(in_plan=False), key()
    client.delete_api_key(apiKey=deleted["id"])

    def status(one: dict[str, str]) -> int:
        headers = {"x-api-key": one["x-api-key"]}
        return api.get("/kept", headers=headers).status_code

    assert [status(one) for one in (deleted, disabled, stranger)] == [403] * 3
    assert status(good) == 200


def test_a_throttle_lets_a_burst_through_and_then_as_many_as_flow_in(api: Api) -> None:
    """The method's: two at once, another one every other second."""
    burst = [api.get("/narrow") for _ in range(3)]
    last = wait_until(
        lambda: api.get("/narrow"),
        lambda answer: answer.status_code == 200,
        what="another token",
        timeout_s=10,
    )

    assert [answer.status_code for answer in burst] == [200, 200, 429]
    assert burst[-1].json() == {"message": "Too Many Requests"}
    assert last.ok
    assert api.get("/shut").status_code == 429


def test_each_key_has_the_throttle_and_the_quota_of_its_plan(api: Api) -> None:
    """Two at once of the one; of the other three in a month, one of which is gone."""
    fast, often = api.key("FastKey"), api.key("OftenKey")

    by_fast = [api.get("/kept", headers=fast) for _ in range(3)]
    by_often = [api.get("/kept", headers=often) for _ in range(3)]

    assert [answer.status_code for answer in by_fast] == [200, 200, 429]
    assert by_fast[-1].json() == {"message": "Too Many Requests"}
    assert [answer.status_code for answer in by_often] == [200, 200, 429]
    assert by_often[-1].json() == {"message": "Limit Exceeded"}
    assert api.get("/kept").json() == {"message": "Forbidden"}


@pytest.mark.parametrize(
    ("query", "kind", "body", "message"),
    [
        ("?q=1", "application/json", '{"id": 1}', None),
        ("?q=1", "text/plain", "a type without a model", None),
        ("?q=", "application/json", '{"id": 1}', "parameters: [q]"),
        ("", "application/json", '{"id": 1}', "parameters: [q]"),
        ("?q=1", "application/json", "{}", "Invalid request body"),
        ("?q=1", "application/json; charset=utf-8", "{}", "Invalid request body"),
        ("?q=1", "application/json", "{", "Invalid request body"),
        ("?q=1", "application/json", '{"id": 1, "number": 1}', None),
        ("?q=1", "application/json", '{"id": 1, "number": 0}', "Invalid request body"),
    ],
)
def test_a_request_is_validated(
    api: Api, query: str, kind: str, body: str, message: str | None
) -> None:
    """Required parameters are there and not blank; bodies are as the model says.

    A model is a JSON schema of draft 4:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
    """
    answer = requests.post(
        api.url(f"/valid{query}"), body, headers={"Content-Type": kind}, timeout=30
    )

    assert answer.status_code == (400 if message else 200)
    assert not message or answer.json()["message"].endswith(message)


def test_a_refusal_may_tell_what_is_wrong_with_the_body(api: Api) -> None:
    """Its template asks for that.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """
    answer = requests.post(api.url("/valid?q=1"), json={}, timeout=30)

    assert answer.json()["why"] == "['id' is a required property]"


def test_a_body_of_more_than_ten_megabytes_is_refused(api: Api) -> None:
    """413, by API Gateway."""
    answer = requests.post(api.url("/open"), b"x" * (10 * MEGABYTE + 1), timeout=30)

    assert answer.status_code == 413


def test_an_event_is_as_aws_makes_it(api: Api) -> None:
    """Repeated headers, the time with its zone, text and binary."""
    url = api.url("/open")
    text = send(url, [("Content-Type", "text/plain"), *REPEATED], b"text")
    binary = send(url, [("Content-Type", "image/png")], b"png")
    broken = send(url, [("Content-Type", "text/plain")], b"a\xff")

    assert text["headers"]["X-A"] == "2"
    assert text["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert text["requestContext"]["requestTime"].endswith(" +0000")
    assert (text["isBase64Encoded"], text["body"]) == (False, "text")
    assert (binary["isBase64Encoded"], binary["body"]) == (True, "cG5n")
    assert (broken["isBase64Encoded"], broken["body"]) == (False, "a\ufffd")


@pytest.mark.parametrize("verb", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", "b=2 3&a=%7e&c"),
        ("application/x-www-form-urlencoded", '{"no": "form"}'),
        ("multipart/form-data; boundary=x", "--x\r\nA: 1\r\n\r\n1\r\n--x--\r\n"),
    ],
)
def test_a_form_arrives_as_it_was_sent(
    api: Api, verb: str, kind: str, body: str
) -> None:
    """What signs a request (Slack, Twilio) signs these very bytes."""
    said = sent(verb, api.url("/open"), [("Content-Type", kind)], body.encode())

    assert json.loads(said.body)["body"] == body


@pytest.mark.parametrize(
    "malformed",
    [
        '"text"',
        "[]",
        "null",
        "7",
        '{"statusCode": 200, "unknown": 1}',
        '{"statusCode": "two hundred"}',
        '{"statusCode": null}',
        '{"statusCode": 1000}',
        '{"statusCode": 200, "body": {"an": "object"}}',
        '{"statusCode": 200, "headers": ["a"]}',
        '{"statusCode": 200, "headers": {"X A": "1"}}',
        '{"statusCode": 200, "headers": {"X-A": "1\\r\\nX-B: 2"}}',
        '{"statusCode": 200, "multiValueHeaders": {"X-A": ["1", "2\\n"]}}',
        '{"statusCode": 200, "multiValueHeaders": {"X-A": [1]}}',
    ],
)
def test_a_malformed_answer_is_a_bad_gateway(api: Api, malformed: str) -> None:
    """502 in API Gateway's words."""
    answer = api.get("/open", params={"answer": malformed})

    assert answer.status_code == 502
    assert answer.json() == {"message": "Internal server error"}


def test_a_binary_answer_is_decoded_for_who_takes_its_type(api: Api) -> None:
    """By Accept, and the API's binary types."""
    said = {"answer": '{"statusCode": 200, "isBase64Encoded": true, "body": "aGk="}'}

    taken = api.get("/open", params=said, headers={"Accept": "image/png"})
    not_taken = api.get("/open", params=said)

    assert (taken.text, not_taken.text) == ("hi", "aGk=")
