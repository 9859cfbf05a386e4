"""Loads the services while whoever started LocalStack is busy with something else.

LocalStack loads a service at its first call. That is most of the first deployment, and
by then a processor has been idle since the start. The harness asks for it once it has
seen the gate at work, which it waits for: POST /_harness/preload.
"""

import logging
import os
from threading import Event, Lock, Thread

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.http import Request, Response, route
from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS

from harness.localstack_plugin import garbage

LOG = logging.getLogger(__name__)
PATH = "/_harness/preload"
VARIABLE = "HARNESS_PRELOAD"
# It imports what the others are made of: not while they are being imported.
_LAST = "cloudformation"
_TIMEOUT_S = 30
_done = Event()
_done.set()
_once = Lock()


def install() -> None:
    """Add the route, and have calls of CloudFormation wait for the end of it."""
    ROUTER.add(_start)
    handlers.serve_custom_service_request_handlers.append(_wait)


@route(PATH, methods=["POST"])  # type: ignore[untyped-decorator] # LocalStack is untyped
def _start(_request: Request) -> dict[str, object]:
    """Load, in a thread, the services that HARNESS_PRELOAD lists, in its order."""
    if starts := _once.acquire(blocking=False):
        _done.clear()
        Thread(target=_load, name="harness-preload", daemon=True).start()
    return {"starts": starts}


def _load() -> None:
    try:
        with garbage.unsearched():
            for service in filter(None, os.environ.get(VARIABLE, "").split(",")):
                SERVICE_PLUGINS.require(service)
    except Exception:  # here it is only early: whoever calls the service is told
        LOG.exception("a service cannot be loaded")
    finally:
        _done.set()


def _wait(_chain: object, context: RequestContext, _response: Response) -> None:
    if context.service and context.service.service_name == _LAST:
        _done.wait(_TIMEOUT_S)
