"""GET /_harness/health: which of our pieces LocalStack really uses."""

import os

from localstack import config, constants
from localstack.http import Request, route
from localstack.services.edge import ROUTER
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import SERVICE_PLUGINS
from plux import PluginManager

from harness.localstack_plugin.gate import handler as gate

PATH = "/_harness/health"


def install() -> None:
    """Add the route."""
    ROUTER.add(_health)


@route(PATH)  # type: ignore[untyped-decorator] # LocalStack is untyped
def _health(_request: Request) -> dict[str, object]:
    executors = PluginManager(RuntimeExecutorPlugin.namespace)
    executor = config.LAMBDA_RUNTIME_EXECUTOR
    return {
        "version": constants.VERSION,
        "pid": os.getpid(),
        "executor": executor if executors.exists(executor) else None,
        "dynamodb": _provider("dynamodb"),
        "s3": _provider("s3"),
        "gate": gate.state(),
    }


def _provider(service: str) -> str | None:
    """Name of the provider that will serve; None where LocalStack would fall back."""
    name: str = SERVICE_PLUGINS.get_active_provider(service)
    return name if name in SERVICE_PLUGINS.api_provider_specs[service] else None
