"""Which Python a runtime's functions get."""

import re
from pathlib import Path

import pytest

from sam_harness import environments, runtimes
from sam_harness.errors import HarnessError

type Asked = list[tuple[str, Path | str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return which environments are asked for, and of what; none is made."""
    those: Asked = []

    def python_of(name: str, base: Path | str = "") -> Path:
        those.append((name, base))
        return Path("python")

    monkeypatch.setattr(environments, "python_of", python_of)
    return those


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with ``path`` and ``pyenv``, all that this machine has."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def program(place: Path, said: str) -> Path:
    """Write a program that says ``said``, whatever it is asked."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{said}\n")
    place.chmod(0o755)
    return place


def test_the_python_on_the_path_comes_first(machine: Path, asked: Asked) -> None:
    """Then those of pyenv."""
    python = program(machine / "path" / "python3.12", "echo python3.12")
    program(machine / "pyenv/versions/3.12.1/bin/python", "echo python3.12")

    runtimes.python_of("python3.12")

    assert asked == [("lambda-runtime", python)]


def test_a_shim_without_a_version_is_passed_over(machine: Path, asked: Asked) -> None:
    """The pyenv on the path answers with an error; its folder has the version."""
    program(machine / "path" / "python3.9", "exit 127")
    python = program(machine / "pyenv/versions/3.9.18/bin/python", "echo python3.9")

    runtimes.python_of("python3.9")

    assert asked == [("lambda-runtime-python3.9", python)]


@pytest.mark.usefixtures("machine")
def test_a_version_that_is_not_here_is_uvs_to_fetch(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that fails, it is said what to do, with uv's own words."""
    runtimes.python_of("python3.14")

    assert asked == [("lambda-runtime", "3.14")]

    def fails(_name: str, _base: str) -> None:
        raise HarnessError("venv failed: no network")

    monkeypatch.setattr(environments, "python_of", fails)
    said = "there is no python3.14 .* --runtime-instead python3.13.* no network"
    with pytest.raises(HarnessError, match=said):
        runtimes.python_of("python3.14")


@pytest.mark.parametrize("runtime", runtimes.RUNTIMES)
def test_there_is_a_lock_with_a_runtime_client_for_each_runtime(runtime: str) -> None:
    """The last client that Python 3.9 runs is 4.0."""
    name = runtimes.OLDER_LOCKS.get(runtime, "lambda-runtime")
    lock = (environments.LOCKS / f"{name}.txt").read_text()

    assert re.search(r"^awslambdaric==4\.\d", lock, re.MULTILINE)
    assert ("awslambdaric==4.0." in lock) == (runtime == "python3.9")
