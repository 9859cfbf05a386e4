"""The seeded defects, and how each is made in a copy of the checkout."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

from sam_harness import project
from sam_harness.environments import python_of
from sam_harness.errors import HarnessError, UsageError
from service.checkout import ROOT

LIST = Path(__file__).with_name("defects.yaml")
# It looks for the source as it was, so it would stop every defect.
OWN_TEST = "tests/unit/defects/"


@dataclass(frozen=True, slots=True)
class Defect:
    """One mistake: ``old`` occurs once in ``file`` and becomes ``new``.

    ``asked``: the one step that is asked, where an earlier one would stop it as well.
    """

    name: str
    kind: str
    file: str
    old: str
    new: str
    stopped_by: str
    asked: str = ""

    def seed(self, checkout: Path) -> None:
        """Make the mistake.

        Raises:
            HarnessError: the text that is to be replaced is not there once.
        """
        path = checkout / self.file
        text = path.read_text()
        if (found := text.count(self.old)) != 1:
            raise HarnessError(
                f"{LIST.name}: {self.name}: {self.file} holds `old` {found} times, "
                "not once: the source has moved on, so must the defect"
            )
        path.write_text(text.replace(self.old, self.new))


def load() -> dict[str, Defect]:
    """Return the defects by name, in the list's order."""
    listed = yaml.safe_load(LIST.read_text())
    return {name: Defect(name, **fields) for name, fields in listed.items()}


def chosen(names: list[str]) -> list[Defect]:
    """Return the named defects, or all of them.

    Raises:
        UsageError: there is no such defect.
    """
    defects = load()
    for name in names:
        if name not in defects:
            raise UsageError(f"no such defect: {name}; known: {', '.join(defects)}")
    return [defects[name] for name in names or defects]


def copy_checkout(target: Path) -> None:
    """Copy what git would commit; what was set up here is shared, not made again."""
    listed = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(OWN_TEST):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    # Some steps ask git what belongs to the repository.
    _git(target, "init", "--quiet")
    _git(target, "add", "--all")
    (target / ".git" / "info" / "exclude").write_text(".harness\n")
    # Made here, not in a copy: an environment knows where it was made.
    for environment in ("lambda-runtime", "localstack", "sam"):
        python_of(environment)
    (target / ".harness").symlink_to(project.find(ROOT).cache)


def _git(directory: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise HarnessError("git is not on the path: it says what a checkout holds")
    return subprocess.run(
        [git, *arguments], cwd=directory, capture_output=True, text=True, check=True
    ).stdout
