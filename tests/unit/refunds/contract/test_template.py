"""docs/openapi.yaml says of API Gateway what template.yaml makes of it, and no more."""

import json
from string import Template
from typing import Any

import pytest

from sam_harness.template.document import load
from service.checkout import TEMPLATE
from service.contract import Operation, contract

CONTRACT = contract()
SOURCE = load(TEMPLATE)
API = SOURCE["Resources"]["RefundApi"]["Properties"]
# What the functions answer themselves; they answer 400 and 404 and 422, too.
BY_API_GATEWAY = {403, 413, 429, 500, 502, 504}


def default(name: str) -> Any:  # noqa: ANN401 - of a template
    """Return a parameter's default."""
    return SOURCE["Parameters"][name]["Default"]


def test_every_path_and_method_is_documented_and_there() -> None:
    """Both ways: the events of the functions are the API."""
    events = [
        event["Properties"]
        for resource in SOURCE["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    ]

    there = sorted((event["Method"], event["Path"]) for event in events)
    documented = sorted((one.method, one.path) for one in CONTRACT.operations.values())
    assert there == documented


def test_the_api_key_is_documented_and_required() -> None:
    """The header is API Gateway's for the source HEADER, which is the default."""
    [scheme] = CONTRACT.document["components"]["securitySchemes"].values()

    assert (scheme["type"], scheme["in"], scheme["name"]) == (
        "apiKey", "header", "x-api-key",
    )  # fmt: skip
    assert CONTRACT.document["security"] == [{"ApiKey": []}]
    assert not any("security" in one.described for one in CONTRACT.operations.values())
    assert API["Auth"] == {"ApiKeyRequired": True}
    assert "ApiKeySourceType" not in API


def test_throttle_and_quota_are_the_templates_defaults() -> None:
    """And the plan's, which is what counts by key."""
    limits = CONTRACT.document["x-limits"]
    plan = SOURCE["Resources"]["UsagePlan"]["Properties"]

    assert plan["Throttle"] == {
        "RateLimit": {"Ref": "ThrottleRate"},
        "BurstLimit": {"Ref": "ThrottleBurst"},
    }
    assert plan["Quota"] == {"Limit": {"Ref": "QuotaPerDay"}, "Period": "DAY"}
    assert limits["requestsPerSecond"] == default("ThrottleRate")
    assert limits["requestsInABurst"] == default("ThrottleBurst")
    assert limits["requestsPerDay"] == default("QuotaPerDay")


@pytest.mark.parametrize("status", sorted(BY_API_GATEWAY))
@pytest.mark.parametrize(
    "operation", CONTRACT.operations.values(), ids=lambda o: o.name
)
def test_what_api_gateway_answers_itself_is_documented_as_the_template_writes_it(
    operation: Operation, status: int
) -> None:
    """Each of its own kinds of response has that status, in its body as well."""
    responses = API["GatewayResponses"]
    kinds = [kind for kind, one in responses.items() if one["StatusCode"] == status]
    assert kinds
    for kind in kinds:
        assert problems_of(operation, status, responses[kind]) == [], kind


def problems_of(
    operation: Operation, status: int, response: dict[str, Any]
) -> list[str]:
    """Return how a response differs from what is documented of the status."""
    headers = {
        name: value.strip("'")
        for name, value in response["ResponseParameters"]["Headers"].items()
    }
    written = response["ResponseTemplates"]["application/json"]
    body = written.replace("$context.error.messageString", json.dumps("No")).replace(
        "$context.requestId", "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    )

    assert not Template(body).get_identifiers()
    assert json.loads(body)["status"] == status
    return list(operation.broken_by(status, headers, body))


@pytest.mark.parametrize(
    "operation", CONTRACT.operations.values(), ids=lambda o: o.name
)
def test_the_gateway_answers_nothing_else(operation: Operation) -> None:
    """A status whose body has API Gateway's requestId is one that it answers itself."""
    by_gateway = {
        int(status)
        for status, response in operation.described["responses"].items()
        for content in response["content"].values()
        if "requestId" in content["schema"]["properties"]
    }

    assert by_gateway == BY_API_GATEWAY
