"""The harness's own routes in LocalStack: health, what is dropped, early loading.

LocalStack loads a service at its first call. That is most of the first deployment, and
until then a processor has been idle since the start.
"""

import json
import logging
import os
from threading import Event, Thread

from localstack import config, constants
from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.http import Request, Response, route
from localstack.services.edge import ROUTER
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.plugins import SERVICE_PLUGINS
from plux import PluginManager

from sam_harness.localstack import speed
from sam_harness.localstack.gate import handler as gate
from sam_harness.localstack.lambda_ import files
from sam_harness.localstack.stacks.proof import PROOF

LOG = logging.getLogger(__name__)
HEALTH = "/_harness/health"
UNPROVEN = "/_harness/unproven"
# As LocalStack has one for REST APIs: a function URL's own host has no address here.
FUNCTION_URL = "/_aws/lambda-url/<url_id>/<path:path>"
PRELOAD_VARIABLE = "HARNESS_PRELOAD"
# It imports what the others are made of: not while they are being imported.
_LAST = "cloudformation"
_TIMEOUT_S = 30
_loaded = Event()


def install() -> None:
    """Add the routes, and have calls of CloudFormation wait for the early loading."""
    ROUTER.add(_health)
    ROUTER.add(FUNCTION_URL, _function_url)
    ROUTER.add(FUNCTION_URL.removesuffix("<path:path>"), _function_url)
    ROUTER.add(_unproven)
    handlers.serve_custom_service_request_handlers.append(_wait)


@route(HEALTH)  # type: ignore[untyped-decorator] # LocalStack is untyped
def _health(_request: Request) -> dict[str, object]:
    """Tell which of the harness's pieces LocalStack really uses."""
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


def _function_url(request: Request, url_id: str, path: str = "") -> Response:
    """Pass a request on to a function URL, as if it had come to that one's host."""
    headers = request.headers.copy()
    region = constants.AWS_REGION_US_EAST_1
    headers["Host"] = f"{url_id}.lambda-url.{region}.{request.host}"
    return ROUTER.dispatch(
        Request(
            method=request.method,
            path=f"/{path}",
            headers=headers,
            body=request.get_data(),
            query_string=request.query_string,
            remote_addr=request.remote_addr,
        )
    )


@route(UNPROVEN, methods=["GET", "PUT"])  # type: ignore[untyped-decorator] # as above
def _unproven(request: Request) -> dict[str, object]:
    """Take names that stacks may lack; tell what an account's lack, and why."""
    if request.method == "PUT":
        PROOF.allowed.update(json.loads(request.get_data()))
    lines = PROOF.lines(request.args.get("account", ""))
    return {"lines": [*files.unproven(), *lines]}


def _provider(service: str) -> str | None:
    """Name of the provider that will serve; None where LocalStack would fall back."""
    name: str = SERVICE_PLUGINS.get_active_provider(service)
    return name if name in SERVICE_PLUGINS.api_provider_specs[service] else None


def load_early() -> None:
    """Load, in a thread, the services that HARNESS_PRELOAD lists, in its order."""
    Thread(target=_load, name="harness-preload", daemon=True).start()


def _load() -> None:
    wanted = os.environ.get(PRELOAD_VARIABLE, "")
    try:
        with speed.no_garbage_collection():
            for service in filter(None, wanted.split(",")):
                SERVICE_PLUGINS.require(service)
    except Exception:  # it is only early: the first caller of the service is told
        LOG.exception("a service cannot be loaded")
    finally:
        _loaded.set()
    files.unproven()  # while no function waits for what it finds


def _wait(_chain: object, context: RequestContext, _response: Response) -> None:
    if context.service and context.service.service_name == _LAST:
        _loaded.wait(_TIMEOUT_S)
