"""Where LocalStack's API Gateway (REST APIs) differs from AWS's.

``checks`` stands between a route and its integration; what it asks has a module each.
"""

from localstack.services.apigateway.next_gen.execute_api import handlers

from sam_harness.localstack.corrections.apigateway import (
    checks,
    imports,
    proxy,
    responses,
)


def install() -> None:
    """Correct LocalStack's API Gateway."""
    handlers.preprocess_request.append(checks.check)
    imports.install()
    proxy.install()
    responses.install()
