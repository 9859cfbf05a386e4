"""The smoke script against an API that behaves, and against ones that do not."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from service.loopback import serving, url_of

SCRIPT = Path(__file__).parents[3] / ".github" / "smoke.sh"
KEY = "a-key-that-nobody-may-see"
REFUND_ID = "0b0f2a51-6c41-4f5c-9d58-3d0b9f6f7c11"
REJECTED = {"refundId": REFUND_ID, "status": "REJECTED"}
PENDING = {"refundId": REFUND_ID, "status": "PENDING"}

type Answer = tuple[int, object]


@dataclass(slots=True)
class Api:
    """The refund API as the script sees it; each list is answered once, in order."""

    accepted: list[Answer] = field(default_factory=lambda: [(202, PENDING)])
    shown: list[Answer] = field(default_factory=lambda: [(200, REJECTED)])
    wrong_key: Answer = (403, {"message": "Forbidden"})
    bad_body: Answer = (400, {"errors": []})
    orders: list[str] = field(default_factory=list)

    def post(self, key: str, body: dict[str, object]) -> Answer:
        """Answer POST /refunds."""
        if key != KEY:
            return self.wrong_key
        if body["orderId"] == "":
            return self.bad_body
        self.orders.append(str(body["orderId"]))
        return _next(self.accepted)

    def get(self, _path: str) -> Answer:
        """Answer GET /refunds/<refundId>."""
        return _next(self.shown)


@dataclass(frozen=True, slots=True)
class Ended:
    """How the script ended."""

    status: int
    output: str

    @property
    def last_line(self) -> str:
        """What a hurried reader sees."""
        return self.output.splitlines()[-1]


def test_a_stage_that_works_passes() -> None:
    """202, REJECTED, 403 and 400 are what it asks for."""
    ended = smoke(Api())

    assert ended.status == 0, ended.output
    assert ended.last_line.startswith("smoke: ok, http://127.0.0.1:")


def test_what_fails_for_a_passing_reason_is_tried_again_as_the_same_refund() -> None:
    """A new key is unknown for a while, a function starts, a decision takes time."""
    api = Api(
        accepted=[(403, {}), (500, {}), (202, PENDING)],
        shown=[(200, PENDING), (502, {}), (200, REJECTED)],
    )

    ended = smoke(api, SMOKE_ATTEMPTS="3", SMOKE_DECISION_S="20")

    assert ended.status == 0, ended.output
    assert len(api.orders) == 3
    assert len(set(api.orders)) == 1


@pytest.mark.parametrize(
    ("api", "complaint"),
    [
        (Api(accepted=[(200, PENDING)]), "POST /refunds answered 200, not 202"),
        (Api(accepted=[(400, {})]), "POST /refunds answered 400, not 202"),
        (Api(accepted=[(403, {})]), "POST /refunds answers 403, not 202"),
        (Api(accepted=[(502, {})]), "POST /refunds answers 502, not 202"),
        (Api(accepted=[(202, {})]), "no refundId in {}"),
        (Api(shown=[(404, {})]), f"GET /refunds/{REFUND_ID} answered 404"),
        (Api(shown=[(200, REJECTED | {"status": "APPROVED"})]), "answered 200"),
        (Api(wrong_key=(202, PENDING)), "a wrong key is answered 202, not 403"),
        (Api(bad_body=(202, PENDING)), "a bad body is answered 202, not 400"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_stage_that_does_not_work_fails(api: Api, complaint: str) -> None:
    """Status 1, and the last line says what is wrong."""
    ended = smoke(api)

    assert ended.status == 1, ended.output
    assert ended.last_line.startswith("smoke: FAILED: ")
    assert complaint in ended.last_line


def test_a_late_decision_has_a_status_of_its_own() -> None:
    """All else was right: the release may be broken, or behind a backlog."""
    ended = smoke(Api(shown=[(200, PENDING)]))

    assert ended.status == 3, ended.output
    assert "not decided after 0 s: 200 PENDING" in ended.last_line
    assert "a bad body: 400" in ended.output


def test_a_stage_that_does_not_answer_fails() -> None:
    """Port 1 of this machine refuses connections."""
    ended = run("http://127.0.0.1:1")

    assert ended.status == 1
    assert "POST /refunds answers 000" in ended.last_line


def test_the_key_is_in_no_output_and_on_no_command_line(tmp_path: Path) -> None:
    """A curl that writes its command line down stands before the real one."""
    wrapper = tmp_path / "curl"
    wrapper.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$*" >>{tmp_path}/calls\n'
        'PATH=${PATH#*:}\nexec curl "$@"\n'
    )
    wrapper.chmod(0o755)

    with answering(Api()) as url:
        ended = run(url, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    calls = (tmp_path / "calls").read_text()
    assert ended.status == 0, ended.output
    assert len(calls.splitlines()) == 4
    assert KEY not in calls + ended.output


@pytest.mark.parametrize("missing", ["API_URL", "API_KEY"])
def test_a_call_without_url_or_key_says_what_is_missing(missing: str) -> None:
    """Nothing is sent."""
    ended = run("http://127.0.0.1:1", **{missing: ""})

    assert ended.status != 0
    assert f"set {missing}" in ended.output


def test_a_machine_without_curl_is_told_what_to_do(tmp_path: Path) -> None:
    """It says nothing of the stage."""
    for name in ("mktemp", "rm"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)

    ended = run("http://127.0.0.1:1", PATH=str(tmp_path))

    assert ended.status == 1
    assert ended.last_line == "smoke: FAILED: curl is needed: install it"


def smoke(api: Api, **environment: str) -> Ended:
    """Run the script against this API."""
    with answering(api) as url:
        return run(url, **environment)


def run(url: str, **environment: str) -> Ended:
    """Run the script, with little patience."""
    done = subprocess.run(  # noqa: S603 - the script that is tested
        ["/bin/sh", SCRIPT],
        env={
            "PATH": os.environ["PATH"],
            "NO_PROXY": "127.0.0.1",
            "API_URL": url,
            "API_KEY": KEY,
            "SMOKE_ATTEMPTS": "2",
            "SMOKE_PAUSE_S": "0",
            "SMOKE_DECISION_S": "0",
            "SMOKE_LOOK_S": "0",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return Ended(done.returncode, done.stdout)


@contextmanager
def answering(api: Api) -> Iterator[str]:
    """Serve the API on loopback; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(lambda: api.post(self.headers["x-api-key"], json.loads(text)))

        def do_GET(self) -> None:
            self._answer(lambda: api.get(self.path))

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

        def _answer(self, answer: Callable[[], Answer]) -> None:
            status, body = answer()
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield url_of(server)


def _next(answers: list[Answer]) -> Answer:
    return answers.pop(0) if len(answers) > 1 else answers[0]
