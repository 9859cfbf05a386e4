"""A function's process, forked from a template; a stub stands for the runtime in it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.localstack_plugin import forked
from harness.localstack_plugin.forked import RuntimeTemplate
from harness.localstack_plugin.supervised import Supervised
from harness.polling import wait_until

LANG = {"LANG": "en_US.UTF-8"}
COMMAND = [sys.executable, "-B", "-m", "awslambdaric", "app.handler"]
TELLS_ALL = """
import json, os, sys
print(json.dumps({
    "environ": dict(os.environ),
    "shown": open("/proc/self/environ").read().rstrip("\\0").split("\\0"),
    "command": open("/proc/self/cmdline").read().rstrip("\\0").split("\\0"),
    "cwd": os.getcwd(), "path": sys.path[0], "input": sys.stdin.read(),
    "open": [one for one in range(64) if os.path.exists(f"/proc/self/fd/{one}")],
    "left": [one for one in sys.modules if one in ("supervisor", "runtime_template")],
}))
"""
type Start = Callable[..., Supervised]


@pytest.fixture(scope="module")
def template() -> Iterator[RuntimeTemplate]:
    """Yield a template of this interpreter."""
    template = RuntimeTemplate(Path(sys.executable))
    yield template
    template.stop()


@pytest.fixture
def start(template: RuntimeTemplate, tmp_path: Path) -> Iterator[Start]:
    """Return what starts a script as the runtime; it prints to ``output``."""
    begun: list[Supervised] = []

    def start(script: str, cwd: Path = tmp_path, **env: str) -> Supervised:
        (tmp_path / "awslambdaric").mkdir(exist_ok=True)
        (tmp_path / "awslambdaric" / "__main__.py").write_text(script)
        with (tmp_path / "output").open("wb") as output:
            begun.append(
                template.start(COMMAND, env=LANG | env, cwd=cwd, output=output.fileno())
            )
        return begun[-1]

    yield start
    for one in begun:
        one.end(5)


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("pass", 0),
        ("import sys; sys.exit(3)", 3),
        ("import os; os._exit(4)", 4),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("raise OSError('of the function itself')", 1),
    ],
)
def test_the_end_of_a_function_is_told(start: Start, script: str, status: int) -> None:
    """As if it had been a child: exit statuses are positive, signals negative."""
    function = start(script)

    assert function.wait() == status
    assert function.has_ended


def test_a_function_finds_what_it_would_in_a_python_of_its_own(
    start: Start, tmp_path: Path
) -> None:
    """Its variables, directory and command, also for ps; nothing of the template."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    start(TELLS_ALL, cwd=link, STAGE="test").wait()

    told = json.loads((tmp_path / "output").read_text())
    assert told["environ"] == LANG | {"STAGE": "test"}
    assert told["shown"] == ["LANG=en_US.UTF-8", "STAGE=test"]
    assert told["command"] == COMMAND
    assert told["cwd"] == told["path"] == str(tmp_path)
    assert (told["input"], told["open"], told["left"]) == ("", [0, 1, 2], [])


def test_a_function_and_what_it_started_end_on_request(
    start: Start, tmp_path: Path
) -> None:
    """Sessions of their own included; a killed process group would leave them."""
    function = start("""
import subprocess, time
print(subprocess.Popen(["sleep", "600"], start_new_session=True).pid, flush=True)
time.sleep(600)
""")
    child = wait_until(
        (tmp_path / "output").read_text, bool, what="output", timeout_s=5
    ).strip()

    assert function.end(5) == -signal.SIGKILL
    assert not Path(f"/proc/{child}").exists()
    assert not Path(f"/proc/{function.pid}").exists()


def test_a_function_that_cannot_be_started_is_an_error(
    start: Start, tmp_path: Path
) -> None:
    """The error is the operating system's own; the template goes on."""
    with pytest.raises(OSError, match=r"No such file or directory: '.*/nowhere'"):
        start("pass", cwd=tmp_path / "nowhere")

    assert start("pass").wait() == 0


def test_a_lost_template_is_begun_again(start: Start) -> None:
    """Whatever ended it, the next function does not know."""
    template = _parent(_parent(start("import time; time.sleep(600)").pid))

    os.kill(template, signal.SIGKILL)
    wait_until(
        lambda: _parent(template), lambda it: not it, what="its end", timeout_s=5
    )

    assert start("pass").wait() == 0


@pytest.mark.parametrize(
    ("env", "file", "is_possible"),
    [
        (LANG, "app.py", True),
        (LANG | {"STAGE": "test", "MY_PYTHON": "3"}, "calendar_of_ours.py", True),
        ({"LANG": "C"}, "app.py", False),
        ({}, "app.py", False),
        (LANG | {"PYTHONUNBUFFERED": "1"}, "app.py", False),
        (LANG | {"LC_ALL": "C"}, "app.py", False),
        (LANG | {"LD_PRELOAD": "it.so"}, "app.py", False),
        (LANG, "calendar.py", False),
        (LANG, "statistics", False),
    ],
)
def test_what_matters_before_anything_is_imported_needs_a_start(
    tmp_path: Path, env: dict[str, str], file: str, *, is_possible: bool
) -> None:
    """In a fork a variable would be there, or a module, and do nothing."""
    (tmp_path / file).touch()

    assert forked.is_possible(env, tmp_path) is is_possible


def test_a_template_has_imported_the_standard_library_only() -> None:
    """Else a function that forgot to declare a library would work here."""
    listed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import runtime_template; print(*runtime_template.PRELOADED)",
        ],
        cwd=forked.TEMPLATE.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "ssl" in listed
    assert {one.partition(".")[0] for one in listed} <= sys.stdlib_module_names


def _parent(pid: int) -> int:
    """Return a process's parent; 0: it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return 0
    state, parent = stat.rpartition(")")[2].split()[:2]
    return 0 if state == "Z" else int(parent)
