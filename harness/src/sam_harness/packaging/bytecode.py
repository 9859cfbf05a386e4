"""Compiles the modules of the artefact as Lambda runs them.

SAM drops ``__pycache__``, and bytecode that is checked by time stamp never validates in
a zip whose entries are stamped 1980: what is compiled here is not checked at all.
"""

import py_compile
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePath

from sam_harness.errors import HarnessError
from sam_harness.packaging import sources

ON_LAMBDA = PurePath("/var/task")
# Starting other processes costs more than they save for so few modules.
_IN_ONE_PROCESS = 50


def check_syntax(code: Path) -> None:
    """Compile every module of a code directory, and keep nothing of it.

    Raises:
        HarnessError: FILE:LINE:COLUMN of each module that does not compile, and why.
    """
    wrong = []
    for file in sources.files(code):
        if file.suffix == ".py":
            path = code / file
            try:
                compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                wrong.append(_problem(path, error))
    if wrong:
        raise HarnessError("\n".join(wrong))


def compile_all(function: Path) -> None:
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
                wrong.append(_problem(code / file, error.exc_value))
    if wrong:
        raise HarnessError("\n".join(wrong))


def _problem(path: Path, error: BaseException) -> str:
    """Return one line that says where a module does not compile, and why."""
    if isinstance(error, SyntaxError):
        where = f"{path}:{error.lineno or 1}:{error.offset or 1}"
        return f"{where}: {type(error).__name__}: {error.msg}"
    return f"{path}: {error}"  # a null byte
