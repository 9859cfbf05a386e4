"""What CloudFormation would refuse in a template, by cfn-lint's rules for errors.

cfn-lint takes seconds: a template is checked in a process of its own, once for its
content. ``Metadata: {cfn-lint: {config: {ignore_checks: [ID]}}}``, of the template or
of a resource, leaves out a rule that is wrong.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from sam_harness import project
from sam_harness.cache import is_made, key_of, made_once, recipe
from sam_harness.errors import HarnessError
from sam_harness.template.document import Document, load
from sam_harness.template.locate import locate
from sam_harness.template.sam import translate

if TYPE_CHECKING:
    from cfnlint.rules import Match

# Runtimes that AWS has given up, and parameters, which are checked with their values.
_LEFT_OUT = ("E2531", "E2533", "E2900")
# Findings that are about cfn-lint, not about the template.
_OWN = {"E0001", "E0002", "E0003"}


def check(template: Path) -> None:
    """Return if CloudFormation would take a template, as far as can be told of it.

    Raises:
        HarnessError: it would not; one line per problem, FILE:LINE:COLUMN first.
    """

    def make(entry: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", __name__, template],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise HarnessError((done.stdout or done.stderr).strip())
        entry.mkdir()

    made_once(_entry(template), make)


def begin(template: Path) -> None:
    """Begin to check a template that will be deployed soon, beside what goes on."""

    def look() -> None:
        with suppress(HarnessError):  # the deployment asks again, and is told
            check(template)

    if not is_made(_entry(template)):
        Thread(target=look, daemon=True).start()


def _entry(template: Path) -> Path:
    load(template)  # says plainly that there is none
    own = recipe(Path(__file__).parent)
    key = key_of(version("cfn-lint"), own, template.read_bytes())
    return project.current().cache / "lint" / f"{template.stem}-{key}"


def problems(source: Document) -> Iterator[str]:
    """Yield what cfn-lint has against a template."""
    translation = translate(source, {})
    try:
        found = list(matches(translation.template, ignored=["W", "I", *_LEFT_OUT]))
    except HarnessError as error:
        raise HarnessError(f"{source.path}: {error}") from error
    for match in found:
        if match.rule.id.startswith("E") and match.rule.id not in _OWN:
            path = tuple(getattr(match, "path", ()))
            line, column = locate(source, translation, path)
            said = " ".join(match.message.split())
            yield f"{source.path}:{line}:{column}: {match.rule.id} {said}"


def matches(
    template: Mapping[str, Any],
    *,
    ignored: Sequence[str],
    needed: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
) -> Iterator["Match"]:
    """Yield what cfn-lint finds in a plain CloudFormation template.

    ``ignored``: how the ids of rules begin that are left out. ``needed``: ids of those
    without which nothing would be proven. Files of configuration are not looked at.

    Raises:
        HarnessError: cfn-lint cannot read the template, or lacks a needed rule.
    """
    # It takes seconds to import.
    import cfnlint.rules  # noqa: PLC0415 - as said
    from cfnlint.config import ConfigMixIn  # noqa: PLC0415 - as said
    from cfnlint.context import ParameterSet  # noqa: PLC0415 - as said
    from cfnlint.decode import decode_str  # noqa: PLC0415 - as said
    from cfnlint.rules import Rules  # noqa: PLC0415 - as said
    from cfnlint.runner import run_template_by_data  # noqa: PLC0415 - as said

    data, errors = decode_str(json.dumps(template))
    if errors or not isinstance(data, dict):
        said = "; ".join(error.message for error in errors)
        raise HarnessError(f"cfn-lint cannot read the translated template: {said}")
    given = ParameterSet(source=None, parameters=dict(parameters or {}))
    config = ConfigMixIn(
        ["--config-file", os.devnull],
        ignore_checks=list(ignored),
        parameters=[given] if parameters is not None else [],
        regions=["us-east-1"],
    )
    rules = Rules.create_from_directory(str(Path(cfnlint.rules.__file__).parent))
    if missing := [rule for rule in needed if rule not in rules]:
        raise HarnessError(f"this cfn-lint has no rules {', '.join(missing)}")
    yield from run_template_by_data(data, config, rules)


def main() -> int:
    """Check the template that is named; returns 1 when something is wrong with it."""
    try:
        found = sorted(set(problems(load(Path(sys.argv[1])))))
    except HarnessError as error:
        found = [str(error)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
