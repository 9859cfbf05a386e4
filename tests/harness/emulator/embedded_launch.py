"""How the process of an embedded LocalStack is started, and with which files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness import processes
from harness.emulator import plugin_site, static_libraries
from harness.emulator.localstack_environment import MODULE
from harness.environments import CACHE, python_of


@dataclass(frozen=True, slots=True)
class Pieces:
    """What LocalStacks share: the interpreters, and libraries that it would install."""

    localstack: Path
    functions: Path
    libraries: Path

    @classmethod
    def ready(cls) -> Self:
        """Return them.

        Raises:
            HarnessError: one is missing.

        """
        localstack = python_of("localstack")
        libraries = static_libraries.of(localstack)
        return cls(localstack, python_of("lambda-runtime"), libraries)


def launch(
    pieces: Pieces, variables: Mapping[str, str], directory: Path, log: Path
) -> processes.Supervised:
    """Start LocalStack in ``directory``, which goes with it; ``log`` takes its output.

    Raises:
        OSError: it could not be started.

    """
    (directory / "tmp").mkdir()
    shared = directory / "root" / static_libraries.WHERE
    shared.parent.mkdir(parents=True)
    shared.symlink_to(pieces.libraries)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return processes.start(
            [str(pieces.localstack), "-m", MODULE],
            env={**_surroundings(pieces, directory), **variables},
            cwd=directory,
            output=output,
            # Nothing of it is kept: there is nothing to end in good order.
            grace_s=0,
            scratch=directory,
        )


def _surroundings(pieces: Pieces, directory: Path) -> dict[str, str]:
    return {
        "LAMBDA_RUNTIME_PYTHON": str(pieces.functions),
        "PYTHONPATH": str(plugin_site.live()),
        "PATH": os.defpath,
        "HOME": str(directory),
        "TMPDIR": str(directory / "tmp"),
        "FILESYSTEM_ROOT": str(directory / "root"),
        # It takes some machines for a container.
        "OVERRIDE_IN_DOCKER": "0",
        "XDG_CACHE_HOME": str(CACHE / "localstack"),
    }
