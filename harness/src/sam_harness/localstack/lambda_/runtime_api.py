"""The Lambda Runtime API, version 2018-06-01, for one runtime process.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

VERSION = "/2018-06-01/runtime"
# The client context of a call that only asks the function to initialise. AWS knows
# nothing of it, so it is for LocalStack with this executor; the code sees no such call.
INITIALISE = '{"custom": {"harness": "initialise"}}'


@dataclass(frozen=True, slots=True)
class Call:
    """One invocation: what the runtime is given."""

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    client_context: str | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """The runtime has imported the function and asks for work."""


@dataclass(frozen=True, slots=True)
class InitFailed:
    """The runtime could not import the function; ``error`` is its JSON."""

    error: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The function returned (or, ``is_error``, raised)."""

    payload: bytes
    is_error: bool


@dataclass(frozen=True, slots=True)
class Exited:
    """The process is gone; a negative status is the signal it died of."""

    status: int


type Event = Ready | InitFailed | Answered | Exited


class RuntimeApi(ThreadingHTTPServer):
    """Serves one runtime process on loopback; what it says arrives in ``events``."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, events: SimpleQueue[Event]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = events
        # Each with its deadline (epoch ms); None: no more.
        self.calls: SimpleQueue[tuple[Call, int] | None] = SimpleQueue()
        threading.Thread(
            target=self.serve_forever, name="lambda-runtime-api", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """Value of ``AWS_LAMBDA_RUNTIME_API``."""
        return f"127.0.0.1:{self.server_address[1]}"

    def post(self, call: Call, timeout_s: float) -> None:
        """Hand ``call`` to the runtime; its deadline is ``timeout_s`` from now."""
        self.calls.put((call, int((time.time() + timeout_s) * 1000)))

    def close(self) -> None:
        """Stop serving; a runtime that still waits is hung up on."""
        self.calls.put(None)
        # In a thread of its own: shutdown() waits for the serving thread's next poll.
        threading.Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one packet
    server: RuntimeApi

    def do_GET(self) -> None:
        if self.path != f"{VERSION}/invocation/next":
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self.server.events.put(Ready())
        work = self.server.calls.get()
        if work is None:
            self.close_connection = True
            return
        call, deadline_ms = work
        headers = {
            "Lambda-Runtime-Aws-Request-Id": call.request_id,
            "Lambda-Runtime-Invoked-Function-Arn": call.function_arn,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Trace-Id": call.trace_id,
        }
        if call.client_context:
            headers["Lambda-Runtime-Client-Context"] = call.client_context
        self._answer(HTTPStatus.OK, call.payload, headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.path.removeprefix(VERSION).split("/")[1:]:
            case ["init", "error"]:
                event: Event = InitFailed(body)
            case ["invocation", _, "response"]:
                event = Answered(body, is_error=False)
            case ["invocation", _, "error"]:
                event = Answered(body, is_error=True)
            case _:
                self._answer(HTTPStatus.NOT_FOUND)
                return
        # First the answer: its sender may be killed once the event is known.
        self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
        self.server.events.put(event)

    def _answer(
        self,
        status: HTTPStatus,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        # awslambdaric's native client crashes where a Content-Type is missing.
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing: the function's log holds only what the function said."""
