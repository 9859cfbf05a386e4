"""Which Python a runtime's functions get."""

import re
from pathlib import Path

import pytest

from sam_harness import environments
from sam_harness.errors import HarnessError

type Asked = list[tuple[str, str]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    """Return which environments are asked for, and of what; none is made.

    The only pyenv is in ``tmp_path``.
    """
    those: Asked = []

    def python_of(name: str, base: str = "") -> Path:
        those.append((name, base))
        return Path("python")

    monkeypatch.setattr(environments, "python_of", python_of)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    return those


def test_pyenvs_version_is_taken_whatever_its_shims_say(
    tmp_path: Path, asked: Asked
) -> None:
    """They answer only for the versions that are chosen at the moment."""
    python = tmp_path / "versions/3.9.18/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()

    environments.python_for("python3.9")

    assert asked == [("lambda-runtime-python3.9", str(python))]


def test_a_version_that_is_not_pyenvs_is_uvs_to_find_or_fetch(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that fails, it is said what to do, with uv's own words."""
    environments.python_for("python3.14")

    assert asked == [("lambda-runtime", "3.14")]

    def fails(_name: str, _base: str) -> None:
        raise HarnessError("venv failed: no network")

    monkeypatch.setattr(environments, "python_of", fails)
    said = "no python3.14 .* --runtime-instead python3.13.* no network"
    with pytest.raises(HarnessError, match=said):
        environments.python_for("python3.14")


@pytest.mark.parametrize("runtime", environments.RUNTIMES)
def test_there_is_a_lock_with_a_runtime_client_for_each_runtime(runtime: str) -> None:
    """The last client that Python 3.9 runs is 4.0."""
    name = environments.OLDER_LOCKS.get(runtime, "lambda-runtime")
    lock = (environments.LOCKS / f"{name}.txt").read_text()

    assert re.search(r"^awslambdaric==4\.\d", lock, re.MULTILINE)
    assert ("awslambdaric==4.0." in lock) == (runtime == "python3.9")
