"""Which saves are brought live, and what is told of them."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest

from harness.errors import HarnessError
from harness.live.follower import Follower, Outcome
from harness.live.stack import Applied

TEMPLATE = """\
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/}}
"""
WITHIN_S = 10


class StackOfOneFile:
    """Serves what ``src/app.py`` says; refuses what says ``broken``."""

    def __init__(self, code: Path) -> None:
        self._code = code
        self.served = [code.read_text()]
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.is_busy = threading.Event()

    def apply(self, on_progress: Callable[[str], None]) -> Applied:  # noqa: ARG002
        """Take over the file."""
        try:
            text = self._code.read_text()
        except OSError:
            text = "broken: no file"
        self.is_busy.set()
        assert self.may_go_on.wait(WITHIN_S)
        if "broken" in text:
            raise HarnessError(text)
        if text == self.served[-1]:
            return Applied()
        self.served.append(text)
        return Applied(("One",))


class Followed:
    """A service in a folder, and its follower in a thread."""

    def __init__(self, home: Path) -> None:
        self.code = home / "src" / "app.py"
        self.code.parent.mkdir()
        self.code.write_text("good")
        self.template = home / "template.yaml"
        self.template.write_text(TEMPLATE)
        self.stack = StackOfOneFile(self.code)
        self._outcomes: Queue[Outcome] = Queue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()
        # The first look tells that it watches: nothing has changed by then.
        assert self.stack.is_busy.wait(WITHIN_S)

    def next(self) -> Outcome:
        """Wait for what comes of the next change."""
        return self._outcomes.get(timeout=WITHIN_S)

    def is_quiet(self) -> bool:
        """Tell whether nothing more comes, well after events come to rest."""
        try:
            self._outcomes.get(timeout=0.3)
        except Empty:
            return True
        return False

    def end(self) -> None:
        """Stop following."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        follower = Follower(self.template, self.stack, lambda _: None)
        for outcome in follower.outcomes(lambda: not self._stop.is_set(), 0.05):
            self._outcomes.put(outcome)


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Followed]:
    """Yield a service that is followed."""
    service = Followed(tmp_path)
    yield service
    service.end()


def test_a_saved_change_goes_live_and_is_named(followed: Followed) -> None:
    """Also one that an editor writes beside the file and moves over it."""
    scratch = followed.code.with_name("app.py~")
    scratch.write_text("better")
    scratch.rename(followed.code)

    outcome = followed.next()

    assert (outcome.changed, outcome.problem) == ("src/app.py", "")
    assert followed.stack.served[-1] == "better"


def test_rapid_saves_are_one_change(followed: Followed) -> None:
    """What is between them never goes live."""
    for number in range(20):
        followed.code.write_text(f"version {number}")

    followed.next()

    assert followed.stack.served == ["good", "version 19"]
    assert followed.is_quiet()


def test_a_change_while_another_one_goes_live_is_not_lost(followed: Followed) -> None:
    """It follows at once."""
    followed.stack.may_go_on.clear()
    followed.stack.is_busy.clear()
    followed.code.write_text("one")
    assert followed.stack.is_busy.wait(WITHIN_S)

    followed.code.write_text("other")
    followed.stack.may_go_on.set()

    followed.next()
    followed.next()
    assert followed.stack.served == ["good", "one", "other"]


def test_a_broken_change_is_told_once_and_its_repair_is_picked_up(
    followed: Followed,
) -> None:
    """Also the repair that goes back to what serves."""
    followed.code.write_text("broken")
    assert followed.next().problem == "broken"
    assert followed.is_quiet()

    followed.code.write_text("good")

    assert followed.next().problem == ""
    assert followed.stack.served == ["good"]


@pytest.mark.parametrize(
    "name", ["src/.app.py.swp", "src/app.py~", "src/__pycache__/app.pyc", "notes.txt"]
)
def test_files_that_are_not_of_the_service_are_not_told_of(
    name: str, followed: Followed, tmp_path: Path
) -> None:
    """Editors' files, caches, and what merely lies beside the template."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("x")

    assert followed.is_quiet()


def test_a_folder_that_goes_and_comes_back_is_followed_again(
    followed: Followed,
) -> None:
    """As when another branch is checked out."""
    shutil.rmtree(followed.code.parent)
    assert "no file" in followed.next().problem

    followed.code.parent.mkdir()
    followed.code.write_text("back")
    while (outcome := followed.next()).problem:
        pass
    followed.code.write_text("and again")
    followed.next()

    assert outcome.applied.functions == ("One",)
    assert followed.stack.served[-1] == "and again"


def test_a_changed_template_is_a_change(followed: Followed) -> None:
    """The directories that it names from now on are followed, too."""
    other = followed.template.parent / "other"
    other.mkdir()
    followed.template.write_text(TEMPLATE.replace("src/", "other/"))
    assert "template.yaml" in followed.next().changed

    (other / "new.py").write_text("x = 1")

    assert followed.next().changed == "other/new.py (new)"
