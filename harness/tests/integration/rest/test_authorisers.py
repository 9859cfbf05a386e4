"""Who gets past the authorisers of a REST API; its functions hear of no other.

What is answered is documented, or was measured on AWS by others:
https://github.com/ministackorg/ministack/pull/1367 and .../pull/1756.
"""

import json
from uuid import uuid4

import pytest
import requests
from botocore.credentials import Credentials

from harness.tests.integration.emulator.functions import Function
from harness.tests.integration.rest.calls import bearer, event_of, sent
from harness.tests.integration.rest.conftest import Api, signed

NOT_ALLOWED = "User is not authorized to access this resource"


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


def test_a_gateway_response_tells_what_the_authoriser_says_of_a_denied_client(
    api: Api,
) -> None:
    """In a header here; a client that it says nothing of has none.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    answers = [
        api.get("/token", headers=bearer(one)) for one in ("deny", "elsewhere", "")
    ]

    assert [one.headers.get("X-Why") for one in answers] == ["7", "7", None]


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


def test_a_method_that_calls_as_its_caller_may_do_what_the_caller_may(
    api: Api,
) -> None:
    """SAM's default for IAM: to be let through the method is not enough.

    LocalStack answers 504 from the first time on that gateway responses are listed.
    """
    responses = api.session.client("apigateway").get_gateway_responses
    assert responses(restApiId=api.outputs["ApiId"])["items"]
    method = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [method]}
    credentials = api.credentials("CallerArn", policy=json.dumps(policy))

    answer = api.get(
        "/iam", headers=signed(api.url("/iam"), credentials, "execute-api")
    )

    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal server error"}


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
    actions = ["execute-api:Invoke", "lambda:InvokeFunction"]
    statement = {"Action": actions, "Resource": "*"}
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
