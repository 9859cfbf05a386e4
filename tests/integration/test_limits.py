"""An API key's throttle and quota: refused by API Gateway, in the API's own words."""

from concurrent.futures import ThreadPoolExecutor

import requests

from service.client import RefundClient
from service.deployed import DeployAnother

LIMITS = {"ThrottleRate": "1", "ThrottleBurst": "5", "QuotaPerDay": "3"}
MORE = 12


def test_a_key_is_refused_above_its_quota_and_above_its_throttle(
    deploy_another: DeployAnother,
) -> None:
    """429 as a problem; three are answered, more than the burst never get to count."""
    client = RefundClient(deploy_another("limits", LIMITS))

    def ask(_number: int) -> requests.Response:
        return client.get("/refunds", orderId="A-1")

    answered = [ask(number).status_code for number in range(3)]
    # At once: a slow machine would not reach the throttle one by one.
    with ThreadPoolExecutor(MORE) as callers:
        refused = list(callers.map(ask, range(MORE)))

    assert answered == [200] * 3
    assert {answer.headers["Content-Type"] for answer in refused} == {
        "application/problem+json"
    }
    problems = [answer.json() for answer in refused]
    assert {problem["status"] for problem in problems} == {429}
    assert {problem["title"] for problem in problems} == {
        "Limit Exceeded",
        "Too Many Requests",
    }
    assert all(problem["requestId"] for problem in problems)
