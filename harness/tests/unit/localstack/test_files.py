"""What files a process of a function sees and may write to."""

# ruff: noqa: S108, S603 - /tmp is the process's own; programs of util-linux

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from harness.tests import namespaces
from sam_harness import processes
from sam_harness.localstack.lambda_ import files
from sam_harness.localstack.lambda_.files import Files
from sam_harness.processes import Supervised
from sam_harness.waiting import wait_until

PYTHON = Path(sys.executable)
WRITES = """
import sys
for path in sys.argv[1:]:
    try:
        open(path, "a").close()
        print(path)
    except OSError:
        pass
"""


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Files]:
    """Yield an execution environment's files: app.py, a layer, and 1 MiB for /tmp."""
    for name in ("code/app.py", "layer/python/shared.py", "layer/read.me"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    seen = files.of(PYTHON, tmp_path / "code", tmp_path / "layer", 1)
    yield seen
    seen.close()


def start(seen: Files, tmp_path: Path, script: str, *words: str) -> Supervised:
    """Start a Python script; what it prints goes to ``tmp_path / "output"``."""
    with (tmp_path / "output").open("wb") as output:
        command = [str(PYTHON), "-c", script, *words]
        return processes.start(
            command, env={}, cwd=seen.code, output=output, root=seen.root
        )


def run(seen: Files, tmp_path: Path, script: str, *words: str) -> str:
    """Return what a Python script prints."""
    start(seen, tmp_path, script, *words).wait()
    return (tmp_path / "output").read_text().strip()


@pytest.mark.needs_namespaces
def test_code_and_layers_are_where_lambda_has_them(seen: Files, tmp_path: Path) -> None:
    """Files and folders of a layer; of this machine's /opt nothing."""
    script = "import os; print(os.getcwd(), os.listdir(), sorted(os.listdir('/opt')))"

    assert run(seen, tmp_path, script) == "/var/task ['app.py'] ['python', 'read.me']"
    assert (seen.code, seen.layers) == (Path("/var/task"), Path("/opt"))


@pytest.mark.needs_namespaces
def test_a_function_writes_to_tmp_alone(seen: Files, tmp_path: Path) -> None:
    """Not beside its code or its layers, to its user's home, or where it was made."""
    folders = ("/", "/var", "/var/task", "/opt", "/opt/python", "/etc", "/var/tmp",
               "/dev/shm", str(Path.home()), str(PYTHON.parents[1]))  # fmt: skip

    name = uuid4().hex
    paths = [f"{folder}/{name}" for folder in folders]

    assert run(seen, tmp_path, WRITES, *paths, f"/tmp/{name}") == f"/tmp/{name}"
    assert not Path("/tmp", name).exists()


@pytest.mark.needs_namespaces
def test_tmp_is_as_large_as_the_function_has_it(seen: Files, tmp_path: Path) -> None:
    """1 MiB here, 512 MiB where a function says nothing."""
    script = "import sys; open('/tmp/x', 'wb').write(bytes(int(sys.argv[1])))"

    assert run(seen, tmp_path, script, f"{1 << 20}") == ""
    assert run(seen, tmp_path, script, f"{(1 << 20) + 1}").endswith("left on device")


@pytest.mark.needs_namespaces
def test_tmp_is_kept_for_the_next_process_and_for_no_other_environment(
    seen: Files, tmp_path: Path
) -> None:
    """Lambda keeps it too when it replaces a process that took too long."""
    first = start(
        seen,
        tmp_path,
        "import signal; open('/tmp/x', 'w'); print(flush=1); signal.pause()",
    )
    seen.keep(first.pid)
    wait_until((tmp_path / "output").read_text, bool, what="x", timeout_s=5)
    first.end(5)
    looks = "import os; print(os.path.exists('/tmp/x'), os.getcwd())"

    assert run(seen, tmp_path, looks) == "True /var/task"
    other = files.of(PYTHON, tmp_path / "code", None, 1)
    assert run(other, tmp_path, looks) == "False /var/task"


@pytest.mark.needs_namespaces
def test_an_interpreter_in_a_folder_that_is_hidden_still_runs(tmp_path: Path) -> None:
    """Its own folder is below /tmp, and links to another one there."""
    (tmp_path / "versions").symlink_to(sys.base_prefix)
    made = [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")]
    subprocess.run(made, check=True)
    python = tmp_path / "venv/bin/python"
    python.unlink()
    python.symlink_to(tmp_path / "versions/bin" / Path(sys.executable).resolve().name)

    assert files.why_not(python) == ""


@pytest.mark.needs_namespaces
def test_nothing_is_left_on_this_machine(seen: Files, tmp_path: Path) -> None:
    """No mount and no folder, while it runs and after it was killed."""

    def look() -> list[str]:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        used = ("/", "/tmp", "/opt", "/var/task", "/.host")
        return [one for one in mounts if one.split()[1] in used]

    before = look()
    process = start(seen, tmp_path, "import signal; print(flush=1); signal.pause()")
    wait_until((tmp_path / "output").read_text, bool, what="start", timeout_s=5)

    assert look() == before
    os.kill(process.supervisor.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: process.command_has_ended, bool, what="end", timeout_s=5)
    assert look() == before
    assert not [one for one in ("/.host", "/var/task") if Path(one).exists()]


@pytest.mark.needs_namespaces
def test_a_system_without_namespaces_is_told() -> None:
    """Functions then see this machine's files; the reason is the system's own."""
    script = f"""
from pathlib import Path
from sam_harness.localstack.lambda_ import files
print(files.of(Path({str(PYTHON)!r}), Path("/code"), None, 1).root, *files.unproven())
"""
    pythons = json.dumps({"a": str(PYTHON), "b": str(PYTHON.resolve())})
    command = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'

    told = subprocess.run(
        [*namespaces.IN_NAMESPACE, "sh", "-ec", command, "sh", PYTHON, "-c", script],
        env={files.PYTHONS_VARIABLE: pythons},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert told.startswith("None that a function has its code at /var/task")
    assert told.endswith("not on this system ([Errno 28] No space left on device)\n")
    assert told.count("/tmp") == 1


def test_a_system_with_namespaces_has_nothing_to_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What util-linux may do here the harness can do as well."""
    pythons = json.dumps({"python3.13": str(PYTHON)})
    monkeypatch.setenv(files.PYTHONS_VARIABLE, pythons)

    assert (not files.unproven()) is namespaces.are_allowed()
