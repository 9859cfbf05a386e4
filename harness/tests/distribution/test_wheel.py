"""The wheel of sam-harness works for a project that has nothing of this repository.

It is installed, with the dependencies that it declares, into a folder of its own beside
a copy of ``examples/orders``, and every command runs there as a user would type it.
"""

# ruff: noqa: S603 - commands of this test, and of the wheel that it tests

import json
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from uv import find_uv_bin

from sam_harness.waiting import wait_until

HARNESS = Path(__file__).parents[2]
LOCK = HARNESS.parent / "tests" / "requirements" / "test.txt"
EXAMPLE = HARNESS / "examples" / "orders"


OLDER = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: app.handler
      CodeUri: src/
      FunctionUrlConfig: {AuthType: NONE}
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """The example project, and the environment beside it that holds the wheel."""

    project: Path
    environment: Path

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an installed command in the project; its output holds both streams."""
        home = self.environment.parent
        found = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("PIP_", "UV_", "SSL_")) or name.endswith("_CA_BUNDLE")
        }
        return subprocess.run(
            [self.environment / "bin" / command, *arguments],
            cwd=self.project,
            env={**found, "PATH": os.defpath, "HOME": str(home), "TMPDIR": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    def template(self) -> Path:
        """Return the project's template."""
        return self.project / "template.yaml"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the wheel's environment and a copy of the example."""
    place = tmp_path_factory.mktemp("elsewhere")
    uv = find_uv_bin()
    for command in (
        f"build --wheel --no-build-isolation --out-dir {place} {HARNESS}",
        f"venv --python 3.13 {place / 'environment'}",
    ):
        subprocess.run([uv, *command.split(), "--quiet"], check=True)
    (wheel,) = place.glob("*.whl")
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", place / "environment",
         "--constraint", LOCK, f"sam-harness[container,pytest] @ {wheel.as_uri()}"],
        check=True,
    )  # fmt: skip
    ignored = shutil.ignore_patterns(".*", "__pycache__", "reports")
    project = shutil.copytree(EXAMPLE, place / "orders", ignore=ignored)
    return Installed(project, place / "environment")


def test_the_policy_rules_find_nothing_in_the_example(installed: Installed) -> None:
    """Exit status 0, and the count of findings."""
    done = installed.run("sam-harness", "policy", "template.yaml")

    assert done.returncode == 0, done.stdout
    assert "template.yaml: 0 findings" in done.stdout


def test_the_policy_rules_find_a_wildcard_in_a_role(installed: Installed) -> None:
    """The finding has its line, its rule and what to do."""
    template = installed.template().read_text(encoding="utf-8")
    broken = installed.project / "broken.yaml"
    broken.write_text(template.replace("dynamodb:PutItem", "dynamodb:*"))

    done = installed.run("sam-harness", "policy", "broken.yaml")

    assert done.returncode == 1, done.stdout
    assert "E9001" in done.stdout


def test_the_artefact_of_the_example_is_built(installed: Installed) -> None:
    """The command prints the built template; the functions' code lies beside it."""
    done = installed.run("sam-harness", "package", "template.yaml")

    assert done.returncode == 0, done.stdout
    built = Path(done.stdout.splitlines()[-1])
    assert built.is_relative_to(installed.project / ".harness")
    assert (built.parent / "TakeFunction" / "orders" / "take.py").is_file()


def test_the_tests_of_the_example_pass_on_the_embedded_emulator(
    installed: Installed,
) -> None:
    """One test deploys and calls the stack, the other one sees an IAM denial."""
    done = installed.run("pytest", "--emulator", "embedded", "tests")

    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_role_that_may_do_too_much_fails_the_test_of_the_example(
    installed: Installed,
) -> None:
    """The gate decides by the template that was deployed, not by a list of its own."""
    template = installed.template()
    was = template.read_text(encoding="utf-8")
    wider = was.replace("dynamodb:PutItem", "[dynamodb:PutItem, dynamodb:GetItem]")
    template.write_text(wider, encoding="utf-8")
    try:
        done = installed.run(
            "pytest", "--emulator", "embedded", "-k", "may_not", "tests"
        )
    finally:
        template.write_text(was, encoding="utf-8")

    assert done.returncode == 1, done.stdout
    assert "1 failed" in done.stdout


def test_a_template_of_an_older_runtime_runs_on_that(installed: Installed) -> None:
    """It is called where the command says; the command ends with SIGINT, and well."""
    home = installed.environment.parent / "older"
    (home / "src").mkdir(parents=True)
    (home / "template.yaml").write_text(OLDER)
    (home / "src" / "app.py").write_text(
        "import sys\ndef handler(event, context): return list(sys.version_info[:2])\n"
    )
    with (home / "out").open("wb") as out:
        up = subprocess.Popen(
            [installed.environment / "bin" / "sam-harness", "up",
             home / "template.yaml"],
            cwd="/", stdout=out, stderr=out,
            env=os.environ | {"XDG_CACHE_HOME": str(home.parent / "cache")},
        )  # fmt: skip
    try:
        text = wait_until(
            (home / "out").read_text,
            lambda text: "Ctrl-C stops" in text or up.poll() is not None,
            what="the stack",
            timeout_s=240,
        )
        found = re.search(r"^function URL +\S+ (\S+)", text, re.MULTILINE)
        assert found, text
        with urlopen(found[1], timeout=20) as answer:  # noqa: S310 - the emulator's own
            assert json.load(answer) == [3, 12]
        up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0
    finally:
        up.kill()
        up.wait()
