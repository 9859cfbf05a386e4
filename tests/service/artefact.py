"""``tox -e pack`` and ``unpack``: one artefact for all stages, known by its digest.

    pack                      build, write artefact.tar, print and hand on its digest
    unpack --digest sha256:…  refuse another one, then put it where `deploy` finds it
    unpack --attested OWNER/NAME   refuse what that repository's workflow did not sign

On GitHub the digest goes to the jobs that deploy as an output of the one that builds.
"""

import argparse
import hashlib
import os
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from sam_harness import project
from sam_harness.environments import progress
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import build
from service.console import run_command

TEMPLATE = Path("template.yaml")
FILE = Path("artefact.tar")


def main(argv: Sequence[str]) -> int:
    """Pack or unpack; returns 0, or raises HarnessError."""
    parser = argparse.ArgumentParser(prog="python -m service.artefact")
    commands = parser.add_subparsers(dest="action", required=True)
    commands.add_parser("pack", help="build the artefact and put it into artefact.tar")
    unpacking = commands.add_parser("unpack", help="put artefact.tar where it is found")
    unpacking.add_argument(
        "--digest", metavar="sha256:HEX", help="the one to be deployed"
    )
    unpacking.add_argument(
        "--attested", metavar="OWNER/NAME", help="whose workflow must have signed it"
    )
    options = parser.parse_args(argv)
    if options.action == "pack":
        pack()
    else:
        unpack(options.digest, options.attested)
    return 0


def pack() -> None:
    """Write the artefact with permissions and times, and say its digest."""
    artefact = build(TEMPLATE, progress).template.parent
    with tarfile.open(FILE, "w") as target:
        target.add(artefact, artefact.relative_to(project.current().root))
    digest = digest_of(FILE)
    print(f"{FILE}: {digest}")
    if output := os.environ.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(f"digest={digest}\n")


def unpack(digest: str | None, attested: str | None) -> None:
    """Put the artefact where `deploy --built` finds it.

    Raises:
        HarnessError: it is not there, is another one, or was not signed.
    """
    if not FILE.exists():
        raise HarnessError(f"{FILE} is not there: it comes from the job that builds")
    found = digest_of(FILE)
    if digest and found != digest:
        raise HarnessError(f"{FILE} is {found}, not {digest} that was built and tested")
    if attested:
        _verify(attested)
    with tarfile.open(FILE) as source:
        source.extractall(project.current().root, filter="data")
    print(f"{FILE}: {found}, unpacked")


def digest_of(file: Path) -> str:
    """Return ``sha256:HEX`` of a file."""
    with file.open("rb") as content:
        return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"


def _verify(repository: str) -> None:
    workflow = f"{repository}/.github/workflows/deploy.yml"
    command = [
        "gh", "attestation", "verify", str(FILE),
        "--repo", repository, "--signer-workflow", workflow,
    ]  # fmt: skip
    try:
        done = subprocess.run(command, check=False)
    except FileNotFoundError:
        raise HarnessError("gh is not there: it verifies attestations") from None
    if done.returncode:
        raise HarnessError(f"{FILE}: no attestation of {workflow} about it")


if __name__ == "__main__":
    raise SystemExit(run_command(main))
