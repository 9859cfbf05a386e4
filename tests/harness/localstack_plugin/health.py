"""GET /_harness/health: which of our pieces LocalStack really uses."""

from localstack import config
from localstack.http import Request, route
from localstack.services.edge import ROUTER
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import SERVICE_PLUGINS
from plux import PluginManager

PATH = "/_harness/health"


def install() -> None:
    """Add the route."""
    ROUTER.add(_health)


@route(PATH)  # type: ignore[untyped-decorator] # LocalStack is untyped
def _health(_request: Request) -> dict[str, object]:
    executors = PluginManager(RuntimeExecutorPlugin.namespace)
    name = config.LAMBDA_RUNTIME_EXECUTOR
    provider = SERVICE_PLUGINS.get_active_provider("dynamodb")
    return {
        "executor": name if executors.exists(name) else None,
        "dynamodb": provider
        if provider in SERVICE_PLUGINS.api_provider_specs["dynamodb"]
        else None,
    }
