"""Function URLs: what LocalStack leaves out of their events and answers.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import json
from typing import Any

from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.http import Response
from localstack.services.lambda_.urlrouter import FunctionUrlRouter

type Untyped = Any  # LocalStack is


class Router(FunctionUrlRouter):  # type: ignore[misc] # untyped
    """LocalStack's, with cookies and all values of repeated headers."""

    def handle_lambda_url_invocation(
        self, request: Untyped, api_id: str, region: str, **rest: str
    ) -> Untyped:
        """Answer a request to a function URL."""
        inner = FunctionUrlRouter(self.router, _Service(self.lambda_service, request))
        try:
            return inner.handle_lambda_url_invocation(request, api_id, region, **rest)
        except TooManyRequestsException as error:
            said = json.dumps({"Message": error.message})
            return Response(said, 429, mimetype="application/json")


class _Service:
    def __init__(self, service: Untyped, request: Untyped) -> None:
        self._service, self._headers = service, request.headers

    def invoke(self, *, payload: bytes, **call: Untyped) -> Untyped:
        event, sent = json.loads(payload), self._headers
        for name in {name.lower() for name, _ in sent} & set(event["headers"]):
            event["headers"][name] = ",".join(sent.getlist(name))
        if cookies := sent.getlist("Cookie"):
            event["cookies"] = "; ".join(cookies).split("; ")
        result = self._service.invoke(payload=json.dumps(event).encode(), **call)
        answer = json.loads(result.payload or b"null")
        if isinstance(answer, dict) and (cookies := answer.get("cookies")):
            headers = {**(answer.get("headers") or {}), "Set-Cookie": cookies}
            result.payload = json.dumps({**answer, "headers": headers}).encode()
        return result
