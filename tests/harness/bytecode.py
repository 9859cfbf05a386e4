"""After SAM's build: trim what no function uses, compile what Lambda runs."""

import hashlib
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath

from harness import api_data, sources, unused_code
from harness.api_data import Calls
from harness.errors import HarnessError

ON_LAMBDA = PurePath("/var/task")

# Starting other processes costs more than they save for so few modules.
_IN_ONE_PROCESS = 50

# botocore reads these whichever service is called.
COMMON_DATA = {
    "_retry.json",
    "endpoints.json",
    "partitions.json",
    "sdk-default-configuration.json",
}


def finish(functions: Sequence[Path], botocore_services: Calls) -> None:
    """Trim and compile built function directories, in place.

    Functions built from the same sources end up as hard links of one another, so
    the work is done once. A repeat changes nothing.
    """
    done: dict[str, Path] = {}
    for function in functions:
        trim_botocore(function, botocore_services)
        digest = _digest(function)
        if (twin := done.setdefault(digest, function)) is function:
            compile_bytecode(function)
        else:
            shutil.rmtree(function)
            shutil.copytree(twin, function, copy_function=os.link)


def trim_botocore(function: Path, services: Calls) -> None:
    """Remove the API data of every service that is not in ``services``.

    What stays is rewritten to what a client reads of it: see api_data, unused_code.

    Raises:
        HarnessError: botocore knows no service, or operation, of that name.

    """
    data = function / "botocore" / "data"
    if not services or not data.is_dir():
        return
    if unknown := {name for name in services if not (data / name).is_dir()}:
        raise HarnessError(f"BotocoreServices: no such service: {sorted(unknown)}")
    for entry in data.iterdir():
        if entry.is_dir() and entry.name not in services:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name.removesuffix(".gz") not in COMMON_DATA:
            entry.unlink()
    api_data.lighten(data, services)
    unused_code.empty(function)


def compile_bytecode(function: Path) -> None:
    """Compile every module with this interpreter, never checked against its source.

    Raises:
        HarnessError: a module does not compile; the message names it.

    """
    modules = [path.relative_to(function) for path in function.rglob("*.py")]
    if len(modules) <= _IN_ONE_PROCESS:
        compile_files(function, modules, function)
    else:
        _compile_in_processes(function)


def _compile_in_processes(function: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compileall", "-q",
         "-j", "0",  # one for each processor
         "--invalidation-mode", "unchecked-hash",
         # Tracebacks name the path on Lambda, and builds in two places are equal.
         "-s", str(function), "-p", str(ON_LAMBDA), str(function)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise HarnessError(f"{function.name} does not compile:\n{said}")


def compile_files(function: Path, files: Sequence[PurePath], code: Path) -> None:
    """Compile those of ``files`` that are modules: the same bytes as all at once.

    Raises:
        HarnessError: names each that does not compile, by its place in ``code``.

    """
    wrong = []
    for file in files:
        if file.suffix == ".py":
            try:
                py_compile.compile(
                    str(function / file),
                    dfile=str(ON_LAMBDA / file),
                    doraise=True,
                    invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
                )
            except py_compile.PyCompileError as error:
                wrong.append(sources.problem(code / file, error.exc_value))
    if wrong:
        raise HarnessError("\n".join(wrong))


def _digest(function: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(p for p in function.rglob("*") if p.is_file()):
        digest.update(f"\0{file.relative_to(function)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
