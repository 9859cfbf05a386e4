"""Follows docs/deploy.md: runs its own code blocks, one after the other, in bash."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rehearsal.pipeline import Ended
from service.checkout import ROOT

PAGE = ROOT / "docs" / "deploy.md"
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The order in which somebody follows the page who has no GitHub.
SECTIONS = (
    "",
    "1. Let API Gateway write logs",
    "2. Give GitHub a role",
    "3. Set up the environments in GitHub",
    "Without GitHub",
    "5. Give the API key to its user",
)
BLOCK_TIMEOUT_S = 300
# What bash leaves of its own.
_OWN = {"_", "SHLVL", "PWD", "OLDPWD"}


@dataclass(frozen=True, slots=True)
class Block:
    """A code block, and the heading it stands under; "" is before the first."""

    section: str
    text: str


def blocks(sections: Sequence[str] = SECTIONS) -> list[Block]:
    """Return the blocks to run, in the order of the sections."""
    parts = _HEADING.split(PAGE.read_text(encoding="utf-8"))
    texts = dict(zip(["", *parts[1::2]], [parts[0], *parts[2::2]], strict=True))
    return [
        Block(section, found)
        for section in sections
        for found in _BLOCK.findall(texts[section])
    ]


class Shell:
    """Runs blocks as one session would: what a block exports is there for the next."""

    def __init__(self, environment: Mapping[str, str], scratch: Path) -> None:
        self.environment = dict(environment)
        self._dump = scratch / "environment"

    def run(self, text: str) -> Ended:
        """Run a block, stopping at its first error."""
        script = f"set -euo pipefail\n{text}\nenv -0 > '{self._dump}'\n"
        done = subprocess.run(
            ["bash", "-c", script],  # noqa: S607 - whichever bash there is
            env=self.environment, cwd=ROOT, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=BLOCK_TIMEOUT_S,
        )  # fmt: skip
        if not done.returncode:
            pairs = self._dump.read_text().split("\0")
            left = dict(pair.split("=", 1) for pair in pairs if pair)
            kept = {name: left[name] for name in left.keys() - _OWN}
            self.environment = {**self.environment, **kept}
        return Ended(done.returncode, done.stdout)


def commands(directory: Path) -> Path:
    """Make `aws` and `gh`: the one talks to LocalStack, the other writes down.

    Returns the file that `gh` writes its arguments to.
    """
    told = directory / "gh.log"
    aws = f'#!/bin/sh\nexec "{sys.executable}" -m rehearsal.aws_cli "$@"\n'
    for name, text in (
        ("aws", aws), ("gh", f'#!/bin/sh\necho "$@" >> "{told}"\n')
    ):  # fmt: skip
        file = directory / name
        file.write_text(text)
        file.chmod(0o755)
    return told


def environment(account: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Return the environment of somebody who has an account and the two commands."""
    return {
        **account,
        "PATH": f"{directory}{os.pathsep}{account['PATH']}",
        "PYTHONPATH": str(ROOT / "tests"),
    }
