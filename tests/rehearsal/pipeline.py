"""The commands of the deploy job, run as it runs them: each in a process of its own."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from service.checkout import ROOT

# What a deployment is made of.
PARTS = ("template.yaml", "samconfig.toml", "src")
STEP_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """How a step ended."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A copy of this checkout's source, to be changed and deployed."""

    directory: Path

    @classmethod
    def copied_to(cls, directory: Path) -> "Checkout":
        """Copy what a deployment is made of into a new folder."""
        directory.mkdir()
        for part in PARTS:
            origin = ROOT / part
            if origin.is_dir():
                leave = shutil.ignore_patterns("__pycache__")
                shutil.copytree(origin, directory / part, ignore=leave)
            else:
                shutil.copy(origin, directory / part)
        return cls(directory)

    @property
    def template(self) -> Path:
        """The template to deploy."""
        return self.directory / "template.yaml"

    def change(self, file: str, old: str, new: str) -> None:
        """Replace the one occurrence of ``old``."""
        path = self.directory / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Runs steps against one stage, each in the role that its job has.

    ``environment`` leads to the stage; ``deployer`` and ``operator`` are the
    credentials of the two roles; without an operator, as for a preview, it does not
    operate.
    """

    stack: str
    environment: Mapping[str, str]
    kept: Path
    deployer: Mapping[str, str]
    operator: Mapping[str, str] | None = None

    def deploy(self, checkout: Checkout, *options: str | Path) -> Ended:
        """Build and run `sam deploy` as the job does, with these options."""
        with TemporaryDirectory() as scratch:
            ended = self._run(
                "sam_harness", "deploy", checkout.template, "--config-env", "test",
                "--s3-bucket", self.environment["ARTEFACT_BUCKET"],
                "--role-arn", self.environment["EXECUTION_ROLE_ARN"],
                *options, TMPDIR=scratch,
            )  # fmt: skip
            left = [path.name for path in Path(scratch).iterdir()]
        assert not left, f"temporary files left behind: {left}"
        return ended

    def smoke(self) -> Ended:
        """Run the smoke test; an answer that is not there after 10 s never comes."""
        return self._run(
            "service.smoke", "--stack", self.stack,
            SMOKE_ATTEMPTS="3", SMOKE_PAUSE_S="1", SMOKE_DECISION_S="10",
        )  # fmt: skip

    def e2e(self) -> Ended:
        """Run the end-to-end tests."""
        return self._run("pytest", ROOT / "tests" / "e2e", "--stack", self.stack)

    def save(self) -> Ended:
        """Keep what the stack is before an update."""
        return self._run(
            "sam_harness", "rollback", "save", "--stack", self.stack, self.kept
        )

    def restore(self) -> Ended:
        """Go back to what was kept."""
        return self._run(
            "sam_harness", "rollback", "restore", self.kept,
            "--parameter", "DeploymentType=AllAtOnce",
            "--s3-bucket", self.environment["ARTEFACT_BUCKET"],
        )  # fmt: skip

    def preview(self, *arguments: str) -> Ended:
        """Take previews away."""
        return self._run("service.preview", *arguments)

    def redrive(self) -> Ended:
        """Move the dead letters back, as the runbook says."""
        return self._operate(
            "sam_harness", "dlq", "redrive", "--stack", self.stack,
            "--per-second", "100",
        )  # fmt: skip

    def peek(self) -> Ended:
        """Look into the dead-letter queue, as the workflow does before it redrives."""
        return self._operate("sam_harness", "dlq", "peek", "--stack", self.stack)

    def undecided(self, *arguments: str) -> Ended:
        """Look at the refunds that stay PENDING, or send some again."""
        return self._operate("service.undecided", "--stack", self.stack, *arguments)

    def _operate(self, module: str, *arguments: str) -> Ended:
        assert self.operator, "this stage has no operator"
        return self._run(module, *arguments, **self.operator)

    def _run(self, module: str, *arguments: str | Path, **extra: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env={**self.environment, **self.deployer, **extra},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=STEP_TIMEOUT_S,
        )
        return Ended(done.returncode, done.stdout)
