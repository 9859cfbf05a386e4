"""Which saves are brought live, and what is told of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sam_harness.errors import HarnessError
from service.follower import REST_S, Follower, Outcome
from service.live_stack import Applied

TEMPLATE = """\
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/}}
"""
type Save = Callable[[], object]


def _nothing() -> None:
    """Save nothing."""


class StackOfOneFile:
    """Serves what ``src/app.py`` says; refuses what says ``broken``."""

    def __init__(self, code: Path) -> None:
        self._code = code
        self.served = [code.read_text()]
        self.saved_meanwhile: list[Save] = []

    def apply(self, on_progress: Callable[[str], None]) -> Applied:  # noqa: ARG002 - as a follower calls it
        """Take over the file."""
        try:
            text = self._code.read_text()
        except OSError:
            text = "broken: no file"
        while self.saved_meanwhile and text != self.served[0]:
            self.saved_meanwhile.pop()()
        if "broken" in text:
            raise HarnessError(text)
        if text == self.served[-1]:
            return Applied()
        self.served.append(text)
        return Applied(("One",))


class Service:
    """A template, the module that it names, and the stack that serves it."""

    def __init__(self, home: Path) -> None:
        self.code = home / "src" / "app.py"
        self.code.parent.mkdir()
        self.code.write_text("good")
        self.template = home / "template.yaml"
        self.template.write_text(TEMPLATE)
        self.stack = StackOfOneFile(self.code)
        self.saved_at_rest: list[Save] = []
        self._saves: list[Save] = []

    def save(self, text: str) -> Save:
        """Return what saves a text as the module."""
        return lambda: self.code.write_text(text)

    def outcomes(self, *saves: Save) -> list[Outcome]:
        """Return what comes of saves, one before each look but the first."""
        self._saves = [*saves, _nothing, _nothing]
        follower = Follower(
            self.template, self.stack, lambda _: None, pause=self._pause
        )
        return list(follower.outcomes(lambda: bool(self._saves)))

    def _pause(self, seconds: float) -> None:
        saves = self.saved_at_rest if seconds == REST_S else self._saves
        if saves:
            saves.pop(0)()


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Return a service that serves ``good``."""
    return Service(tmp_path)


def test_a_saved_change_goes_live_and_is_named(service: Service) -> None:
    """Once: what is live already is no news."""
    [outcome] = service.outcomes(service.save("better"))

    assert (outcome.changed, outcome.problem) == ("src/app.py", "")
    assert outcome.applied.functions == ("One",)
    assert service.stack.served == ["good", "better"]


def test_what_is_saved_in_steps_is_one_change(service: Service) -> None:
    """Files that still change are waited for: half a file would be a broken change."""
    service.saved_at_rest = [service.save("broken: half"), service.save("whole")]

    outcomes = service.outcomes(service.save(""))

    assert [outcome.problem for outcome in outcomes] == [""]
    assert service.stack.served == ["good", "whole"]


def test_a_change_while_another_one_goes_live_is_not_lost(service: Service) -> None:
    """The next look finds it."""
    service.stack.saved_meanwhile = [service.save("other")]

    service.outcomes(service.save("one"))

    assert service.stack.served == ["good", "one", "other"]


def test_a_broken_change_is_told_once_and_its_repair_is_picked_up(
    service: Service,
) -> None:
    """Also the repair that goes back to what serves."""
    broken, repaired = service.outcomes(
        service.save("broken"), service.save("broken"), service.save("good")
    )

    assert broken.problem == "broken"
    assert repaired.problem == ""
    assert service.stack.served == ["good"]


def test_a_folder_that_goes_and_comes_back_is_a_change(service: Service) -> None:
    """As when another branch is checked out."""

    def come_back() -> None:
        service.code.parent.mkdir()
        service.code.write_text("back")

    gone, back = service.outcomes(lambda: shutil.rmtree(service.code.parent), come_back)

    assert "no file" in gone.problem
    assert gone.changed == "src/app.py (deleted)"
    assert back.applied.functions == ("One",)


def test_a_changed_template_is_a_change(service: Service) -> None:
    """The directories that it names from now on are followed, too."""
    other = service.template.parent / "other"
    other.mkdir()

    template, module = service.outcomes(
        lambda: service.template.write_text(TEMPLATE.replace("src/", "other/")),
        lambda: (other / "new.py").write_text("x = 1"),
    )

    assert "template.yaml" in template.changed
    assert module.changed == "other/new.py (new)"
