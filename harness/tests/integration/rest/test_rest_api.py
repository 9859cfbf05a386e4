"""What API Gateway asks of a request before a function hears of it.

What it answers is documented, or was measured on AWS by others:
https://github.com/ministackorg/ministack/issues/1746 (keys, throttles, quotas,
validators), .../pull/1367 and .../pull/1756 (authorisers, gateway responses).
"""

import http.client
import json
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import requests
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from harness.tests.integration.emulator.functions import Function
from harness.tests.integration.rest.conftest import Api, signed
from sam_harness.deploying.deploy import Deployer
from sam_harness.packaging.build import Artefact
from sam_harness.waiting import wait_until

NOT_ALLOWED = "User is not authorized to access this resource"
MEGABYTE = 1024 * 1024
REPEATED = [("X-A", "1"), ("X-A", "2")]


def bearer(token: str) -> dict[str, str]:
    """Return the header that the authorisers of type TOKEN read."""
    return {"Authorization": token}


class Answer(NamedTuple):
    """A status and a body."""

    status: int
    body: bytes


def sent(
    verb: str, url: str, headers: list[tuple[str, str]], body: bytes = b""
) -> Answer:
    """Return what is answered to headers that may be repeated, on the path as it is."""
    host, _, path = url.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.putrequest(verb, f"/{path}")
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())


def send(url: str, headers: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """Return the event of a POST."""
    event: dict[str, Any] = json.loads(sent("POST", url, headers, body).body)
    return event


def event_of(answer: requests.Response) -> dict[str, Any]:
    """Return the event that the function has got."""
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event


@pytest.mark.parametrize(
    ("token", "status", "answered"),
    [
        ("deny", 403, {"Message": f"{NOT_ALLOWED} with an explicit deny"}),
        ("elsewhere", 403, {"Message": NOT_ALLOWED}),
        ("unknown", 401, {"message": "Unauthorized"}),
        ("not.as-expected", 401, {"message": "Unauthorized"}),
        ("", 401, {"message": "Unauthorized"}),
        ("crash", 500, {"message": None}),
        ("no-object", 500, {"message": None}),
        ("no-policy", 500, {"message": None}),
        ("bad-policy", 500, {"message": None}),
        ("nested", 500, {"message": None}),
    ],
)
def test_a_client_is_answered_by_what_the_authoriser_says(
    api: Api, token: str, status: int, answered: dict[str, str]
) -> None:
    """By its policy for the method that is called, or by how it failed."""
    answer = api.get("/token", headers=bearer(token))

    assert (answer.status_code, answer.json()) == (status, answered)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_what_an_authoriser_says_is_kept_for_the_methods_that_it_allows(
    api: Api,
) -> None:
    """The policy is kept, not the decision: it allows one method, not another."""
    first = event_of(api.get("/token", headers=bearer("allow")))
    again = event_of(api.get("/token", headers=bearer("allow")))
    other = api.get("/other", headers=bearer("allow"))

    said = first["requestContext"]["authorizer"]
    assert said.pop("asked") == again["requestContext"]["authorizer"]["asked"]
    assert said == {"principalId": "client", "number": "7", "true": "true"}
    assert (other.status_code, other.json()) == (403, {"Message": NOT_ALLOWED})


def test_without_a_time_to_live_the_authoriser_is_asked_each_time(api: Api) -> None:
    """ReauthorizeEvery: 0."""
    asked = {
        event_of(api.get("/fresh", headers=bearer("allow")))["requestContext"][
            "authorizer"
        ]["asked"]
        for _ in range(2)
    }

    assert len(asked) == 2


def test_an_authoriser_of_requests_needs_each_of_its_identity_sources(
    api: Api,
) -> None:
    """A header and a parameter of the query."""
    header = {"X-Who": "allow"}

    both = api.get("/request?who=me", headers=header)
    one = [api.get("/request", headers=header), api.get("/request?who=me")]
    other = api.get("/request?who=you", headers={"X-Who": "deny"})

    assert event_of(both)["requestContext"]["authorizer"]["principalId"] == "client"
    assert [answer.status_code for answer in one] == [401, 401]
    assert other.status_code == 403


def test_only_who_may_invoke_the_method_gets_through_iam(
    api: Api, account_id: str
) -> None:
    """The gate decides, as about any other call; an unsigned one is not even asked."""
    url, service = api.url("/iam"), "execute-api"

    unsigned = requests.get(url, timeout=30)
    allowed = api.get(
        "/iam", headers=signed(url, api.credentials("CallerArn"), service)
    )
    denied = api.get(
        "/iam", headers=signed(url, api.credentials("StrangerArn"), service)
    )
    made_up = Credentials("ASIAMADEUPMADEUPMADE", "secret")
    unknown = api.get("/iam", headers=signed(url, made_up, service))
    foreign = api.get("/iam", headers=signed(url, Credentials("9" * 12, "x"), service))
    own = api.get("/iam", headers=signed(url, Credentials(account_id, "x"), service))

    assert unsigned.status_code == 403
    assert unsigned.json() == {"message": "Missing Authentication Token"}
    identity = event_of(allowed)["requestContext"]["identity"]
    assert ":assumed-role/" in identity["userArn"]
    assert denied.status_code == 403
    assert "not authorized to perform: execute-api:Invoke" in denied.json()["Message"]
    assert [answer.status_code for answer in (unknown, foreign)] == [403, 403]
    assert own.status_code == 200


def test_no_refused_client_reaches_the_function(api: Api) -> None:
    """Behind each kind of authoriser; the last call, which may, is the control."""
    mark = f"refused-{uuid4()}"
    iam = api.url(f"/iam?mark={mark}")
    stranger = signed(iam, api.credentials("StrangerArn"), "execute-api")
    refused = {
        "/token": bearer("deny"),
        "/fresh": bearer("elsewhere"),
        "/other": bearer("crash"),
        "/request": {"X-Who": "allow"},
        "/not-allowed": bearer("allow"),
        "/kept": {"x-api-key": "wrong"},
        "/iam": stranger,
        "/shut": {},
    }

    answers = [
        api.get(f"{path}?mark={mark}", headers=headers)
        for path, headers in refused.items()
    ]
    control = f"allowed-{uuid4()}"
    assert api.get(f"/fresh?mark={control}", headers=bearer("allow")).ok

    assert [one.status_code for one in answers if one.ok] == []
    log = Function(api.outputs["Function"], api.session).log(until=control)
    assert mark not in "".join(log)


def test_what_was_said_of_one_client_is_no_key_for_another(api: Api) -> None:
    """A repeated header is another identity than its first value."""
    first = api.get("/token", headers=bearer("allow"))
    url = api.url("/token")
    repeated = [("Authorization", "allow"), ("Authorization", "deny")]

    assert first.status_code == 200
    assert sent("GET", url, repeated).status == 401
    assert sent("GET", url, repeated[:1]).status == 200


@pytest.mark.parametrize("path", ["/any/secret", "/any/%73ecret", "/any/secret/"])
def test_no_spelling_of_a_path_gets_around_a_deny(api: Api, path: str) -> None:
    """Encoded letters, a slash at the end; another path is the control."""
    answer = sent("GET", api.url(path), [("Authorization", "no-secret")])
    control = sent("GET", api.url("/any/open"), [("Authorization", "no-secret")])

    assert (answer.status, control.status) == (403, 200)


@pytest.mark.parametrize("verb", ["DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
def test_each_verb_of_a_method_for_any_asks_the_authoriser(api: Api, verb: str) -> None:
    """Without a token none gets through; with one, each does."""
    url = api.url("/any/open")

    assert sent(verb, url, []).status == 401
    assert sent(verb, url, [("Authorization", "no-secret")]).status == 200


@pytest.mark.parametrize(
    ("denied", "status"), [("127.0.0.0/8", 403), ("192.0.2.0/24", 200)]
)
def test_a_session_policy_limits_a_signed_call_by_its_address(
    api: Api, denied: str, status: int
) -> None:
    """The role alone may invoke the method; its session may not from everywhere."""
    statement = {"Action": "execute-api:Invoke", "Resource": "*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {**statement, "Effect": "Allow"},
            {
                **statement,
                "Effect": "Deny",
                "Condition": {"IpAddress": {"aws:SourceIp": denied}},
            },
        ],
    }
    credentials = api.credentials("CallerArn", policy=json.dumps(policy))

    answer = api.get(
        "/iam", headers=signed(api.url("/iam"), credentials, "execute-api")
    )

    assert answer.status_code == status, answer.text


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
    ],
)
def test_a_request_is_validated(
    api: Api, query: str, kind: str, body: str, message: str | None
) -> None:
    """Required parameters are there and not blank; bodies are as the model says."""
    answer = requests.post(
        api.url(f"/valid{query}"), body, headers={"Content-Type": kind}, timeout=30
    )

    assert answer.status_code == (400 if message else 200)
    assert not message or answer.json()["message"].endswith(message)


def test_a_body_of_more_than_ten_megabytes_is_refused(api: Api) -> None:
    """413, by API Gateway."""
    answer = requests.post(api.url("/open"), b"x" * (10 * MEGABYTE + 1), timeout=30)

    assert answer.status_code == 413


def test_an_event_is_as_aws_makes_it(api: Api) -> None:
    """Repeated headers, the time with its zone, text and binary."""
    url = api.url("/open")
    text = send(url, [("Content-Type", "text/plain"), *REPEATED], b"text")
    binary = send(url, [("Content-Type", "image/png")], b"png")

    assert text["headers"]["X-A"] == "2"
    assert text["multiValueHeaders"]["X-A"] == ["1", "2"]
    assert text["requestContext"]["requestTime"].endswith(" +0000")
    assert (text["isBase64Encoded"], text["body"]) == (False, "text")
    assert (binary["isBase64Encoded"], binary["body"]) == (True, "cG5n")


@pytest.mark.parametrize(
    "malformed",
    [
        '"text"',
        "[]",
        '{"statusCode": 200, "unknown": 1}',
        '{"statusCode": "two hundred"}',
        '{"statusCode": 1000}',
        '{"statusCode": 200, "body": {"an": "object"}}',
        '{"statusCode": 200, "headers": ["a"]}',
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


def document(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - of OpenAPI
    """Return an API with one GET that answers by itself."""
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    method = {
        "responses": {"200": {"description": "ok"}},
        "x-amazon-apigateway-integration": integration,
    }
    return {
        "openapi": "3.0.1",
        "info": {"title": "api", "version": "1"},
        "paths": {"/it": {"get": method}},
        **more,
    }


@pytest.mark.parametrize(
    ("effect", "condition", "status"),
    [
        ("Allow", {}, 200),
        ("Deny", {}, 403),
        ("Allow", {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, 200),
        ("Allow", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, 403),
    ],
)
def test_a_resource_policy_is_kept(
    api: Api, effect: str, condition: dict[str, object], status: int
) -> None:
    """What it does not allow is denied."""
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/live/GET/it",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client = api.session.client("apigateway")
    body = json.dumps(document(**{"x-amazon-apigateway-policy": policy}))
    made = client.import_rest_api(body=body.encode())
    client.create_deployment(restApiId=made["id"], stageName="live")

    answer = requests.get(
        f"{api.endpoint}/_aws/execute-api/{made['id']}/live/it", timeout=30
    )

    assert answer.status_code == status, answer.text


def one_method(folder: Path, path: str, rate: int) -> Artefact:
    """Return a stack of one mock method."""
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {
                "Type": "AWS::Serverless::Api",
                "Properties": {
                    "StageName": "live",
                    "DefinitionBody": {
                        **document(),
                        "paths": {path: document()["paths"]["/it"]},
                    },
                    "MethodSettings": [
                        {
                            "ResourcePath": "/*",
                            "HttpMethod": "*",
                            "ThrottlingRateLimit": rate,
                            "ThrottlingBurstLimit": rate,
                        }
                    ],
                },
            }
        },
        "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
    }
    (folder / "template.yaml").write_text(json.dumps(template))
    return Artefact(path.strip("/"), folder / "template.yaml")


def test_an_update_of_an_api_goes_live(
    api: Api, account_id: str, tmp_path: Path
) -> None:
    """Its paths, and the settings of its stage, at the same URL."""
    deployer, name = Deployer(api.session, account_id), f"update-{uuid4().hex[:8]}"

    def deploy(path: str, rate: int) -> str:
        deployed = deployer.deploy(one_method(tmp_path, path, rate), name, {})
        return f"{api.endpoint}/_aws/execute-api/{deployed.outputs['Api']}/live"

    before = deploy("/one", 100)
    first = requests.get(f"{before}/one", timeout=30)
    after = deploy("/two", 100)
    second = [requests.get(f"{after}{path}", timeout=30) for path in ("/one", "/two")]
    deploy("/two", 0)
    third = requests.get(f"{after}/two", timeout=30)

    assert before == after
    assert first.status_code == 200
    assert [answer.status_code for answer in second] == [403, 200]
    assert third.status_code == 429


def scheme(**authoriser: Any) -> dict[str, Any]:  # noqa: ANN401 - of OpenAPI
    """Return a security scheme of API Gateway's."""
    return {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        **{f"x-amazon-apigateway-{name}": value for name, value in authoriser.items()},
    }


POOL = {
    "type": "cognito_user_pools",
    "providerARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"],
}
SIGV4 = scheme(authtype="awsSigv4")


@pytest.mark.parametrize(
    ("schemes", "of_document", "of_method", "said"),
    [
        ({"Pool": scheme(authorizer=POOL)}, [], [], "Pool is of type cognito"),
        ({"Pool": scheme(authtype="cognito_user_pools")}, [], [], "is of type cognito"),
        ({"Own": scheme(authorizer={"type": "jwt"})}, [], [], "Own is of type jwt"),
        ({}, [], [{"Missing": []}], "GET /it: no scheme Missing"),
        ({"Iam": SIGV4}, [{"Iam": []}], None, "GET /it would be open on AWS"),
    ],
)
def test_methods_that_nothing_would_ask_are_refused_at_the_deployment(
    api: Api,
    schemes: dict[str, object],
    of_document: list[object],
    of_method: list[object] | None,
    said: str,
) -> None:
    """What is not emulated, or not defined, or not read by AWS, would be open."""
    asked = document(components={"securitySchemes": schemes}, security=of_document)
    if of_method is not None:
        asked["paths"]["/it"]["get"]["security"] = of_method

    with pytest.raises(ClientError, match=said):
        api.session.client("apigateway").import_rest_api(
            body=json.dumps(asked).encode()
        )


def test_security_that_is_no_business_of_aws_is_no_obstacle(api: Api) -> None:
    """A bearer token that the function itself reads."""
    schemes = {"Bearer": {"type": "http", "scheme": "bearer"}}
    asked = document(components={"securitySchemes": schemes}, security=[{"Bearer": []}])

    assert api.session.client("apigateway").import_rest_api(
        body=json.dumps(asked).encode()
    )["id"]
