"""Which emulator is taken, and what is said about it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.emulator.choice import Choice, Progress, choose
from sam_harness.emulator.starting import container_is_possible
from sam_harness.errors import HarnessError


def says(reason: str) -> Callable[[Progress], str]:
    """Return a look at the engine that finds all there is to have."""
    return lambda _progress: reason


def refuses(*said: str) -> Callable[[Progress], str]:
    """Return a look at the engine that finds something missing."""

    def look(_progress: Progress) -> str:
        raise HarnessError(*said)

    return look


def test_auto_takes_the_container_where_it_can_be_had() -> None:
    """The reason names what was found."""
    chosen = choose("auto", print, container=says("Docker 28 answers"))

    assert chosen == Choice("container", "Docker 28 answers")


def test_auto_runs_embedded_where_a_container_cannot_be_had() -> None:
    """The reason is one line: it goes into the header."""
    chosen = choose("auto", print, container=refuses("no image:\n  step 3\n  failed"))

    assert chosen == Choice("embedded", "no image: step 3 failed")


@pytest.mark.parametrize("wanted", ["container", "embedded"])
def test_a_mode_that_is_asked_for_is_taken_without_a_look(wanted: str) -> None:
    """Asked for a container, a run without an engine has to fail, not to change."""
    chosen = choose(wanted, print, container=refuses("asked all the same"))

    assert chosen == Choice(wanted, "asked for")


@pytest.mark.parametrize("wanted", ["embedded", "auto"])
def test_without_a_container_another_system_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """With what to do; `auto` also says why there is no container."""
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(HarnessError) as told:
        choose(wanted, print, container=refuses("no engine answers"))

    assert "runs on Linux only, WSL 2 included, not on darwin" in str(told.value)
    assert "take --emulator container" in str(told.value)
    assert ("no engine answers" in str(told.value)) is (wanted == "auto")


def test_another_system_runs_in_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS, where a Docker engine answers, `auto` takes it."""
    monkeypatch.setattr(sys, "platform", "darwin")

    chosen = choose("auto", print, container=says("Docker 28 answers"))

    assert chosen.mode == "container"


def test_an_embedded_one_is_refused_before_anything_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`make demo` on a Mac ends at once."""
    from sam_harness.emulator import embedded  # noqa: PLC0415 - likewise

    def install(name: str) -> Path:
        raise AssertionError(f"{name} would be installed")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(embedded, "python_of", install)

    with pytest.raises(HarnessError, match="not on darwin"):
        embedded.EmbeddedLocalStack().begin()


def test_an_engine_that_does_not_answer_is_named_as_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What docker-py says in four nested exceptions, in a few words."""
    from sam_harness.emulator import (  # noqa: PLC0415 - 60 ms that all tests would wait for
        engine,
    )

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(HarnessError) as raised:
        engine.connect()

    assert str(raised.value) == (
        "no Docker engine answers ([Errno 2] No such file or directory)"
    )


def test_auto_runs_embedded_where_testcontainers_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reason names the extra to install."""
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    for name in [one for one in sys.modules if one.startswith("testcontainers.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("engine", "image"):
        monkeypatch.delitem(sys.modules, f"sam_harness.emulator.{name}", raising=False)
        monkeypatch.delattr(f"sam_harness.emulator.{name}", raising=False)

    chosen = choose("auto", print, container=container_is_possible)

    assert chosen.mode == "embedded"
    assert "a container needs sam-harness[container]" in chosen.reason
