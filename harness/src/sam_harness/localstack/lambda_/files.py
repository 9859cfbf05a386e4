"""What files a function sees: those that Lambda shows it, where this system allows it.

Its code is at /var/task, its layers are at /opt, and all that it can write to is /tmp,
which is its execution environment's own: it stays when a process is replaced after a
timeout. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from subprocess import DEVNULL
from threading import Lock

from sam_harness import processes, root

# By runtime the interpreter of an environment that holds what AWS's holds, as JSON.
PYTHONS_VARIABLE = "HARNESS_LAMBDA_RUNTIMES"
TASK, OPT = Path("/var/task"), Path("/opt")
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
_KNOWS_ENDPOINT_URL = (1, 31)
_BOTOCORES = ("", "python/", "python/lib/*/site-packages/")  # of code, and of layers
_lock = Lock()


@dataclass(slots=True)
class Files:
    """The files of an execution environment: where it has its code and its layers.

    ``root`` is what ``processes.start`` is told, None where this system does not allow
    it: then all is where it is on this machine.
    """

    code: Path
    layers: Path | None
    root: dict[str, object] | None = None
    _kept: list[int] = field(default_factory=list)

    def keep(self, pid: int) -> None:
        """Have the next process see what ``pid``, the first, leaves in /tmp."""
        if self.root and not self._kept:
            with suppress(OSError):  # it has ended already
                self._kept = root.held(pid)
                paths = [f"/proc/{os.getpid()}/fd/{one}" for one in self._kept]
                self.root["joined"] = paths

    def close(self) -> None:
        """Let go of /tmp; no process is started any more."""
        while self._kept:
            os.close(self._kept.pop())


def of(python: Path, code: Path, layers: Path | None, tmp_mb: int) -> Files:
    """Return what an execution environment sees that runs ``code`` with ``python``."""
    if why_not(python):
        return Files(code, layers)
    return Files(TASK, layers and OPT, _root(python, code, layers, tmp_mb))


@cache
def why_not(python: Path) -> str:
    """Return why processes of ``python`` cannot see such files; empty: they can."""
    here = _root(python, Path(__file__).parent, None, 1)
    command = [str(python), "-IS", "-c", ""]
    try:
        tried = processes.start(command, env={}, cwd=TASK, output=DEVNULL, root=here)
    except OSError as error:
        return str(error)
    status = tried.wait()
    return f"{python} cannot run there: {status}" if status else ""


def pythons() -> dict[str, str]:
    """Return the interpreters by runtime."""
    return dict(json.loads(os.environ[PYTHONS_VARIABLE]))


def unproven() -> list[str]:
    """Return what functions cannot show on this system, with the reason."""
    reasons = {why_not(Path(python)) for python in pythons().values()} - {""}
    return [
        "that a function has its code at /var/task, its layers at /opt, and can write "
        f"to a /tmp of its own alone: not on this system ({reason})"
        for reason in sorted(reasons)
    ]


def _root(
    python: Path, code: Path, layers: Path | None, tmp_mb: int
) -> dict[str, object]:
    laid = sorted(layers.iterdir()) if layers else []
    return {
        "shown": {
            str(OPT): "",
            str(TASK): str(code.resolve()),
            **{str(OPT / one.name): str(one.resolve()) for one in laid},
        },
        "tmp_mb": tmp_mb,
        "needed": _prefixes(python),
        "joined": [],
    }


def _prefixes(python: Path) -> dict[str, str]:
    """Return where the libraries of ``python`` may be: beside what each link names."""
    found = [python, python.resolve()]
    while python.is_symlink():
        python = python.parent / python.readlink()
        found.append(python)
    prefixes = sorted({one.parents[1] for one in found})
    return {str(one): str(one.resolve()) for one in prefixes}


def calls_aws(place: Path) -> str:
    """Return why the SDK in ``place``, code or a layer, would call AWS itself.

    Empty: it does not, there is none or it knows AWS_ENDPOINT_URL.
    """
    for found in _BOTOCORES:
        for path in place.glob(f"{found}botocore/__init__.py"):
            named = re.search(r"__version__ = '((\d+)\.(\d+)[\d.]*)'", path.read_text())
            if named and (int(named[2]), int(named[3])) < _KNOWS_ENDPOINT_URL:
                return (
                    f"it brings botocore {named[1]}, which calls AWS whatever "
                    "AWS_ENDPOINT_URL says: have it require boto3>=1.28, or none, as "
                    "the runtime has one"
                )
    return ""


def lay(layers: Sequence[Path], name: str) -> Path:
    """Return the directory that holds all ``layers``; of equal files the last counts.

    ``name`` is that of their content, under which the directory is found again.
    """
    opt = Path(tempfile.gettempdir()) / "lambda" / "layers" / name
    with _lock:
        if not opt.exists():
            draft = opt.with_name(f"{name}.draft")
            for layer in layers:
                shutil.copytree(layer, draft, dirs_exist_ok=True)
            draft.rename(opt)
    return opt


def variables(
    opt: Path, runtime: str, environment: Mapping[str, str]
) -> dict[str, str]:
    """Return what a function's environment has more with ``opt`` than without.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    python = opt / "python"
    site = python / "lib" / runtime / "site-packages"
    paths = {
        "PYTHONPATH": [environment.get("PYTHONPATH"), str(site), str(python)],
        "PATH": [environment.get("PATH"), str(opt / "bin")],
        "LD_LIBRARY_PATH": [environment.get("LD_LIBRARY_PATH"), str(opt / "lib")],
    }
    return {
        name: os.pathsep.join(filter(None, places)) for name, places in paths.items()
    }
