"""``sam build``, from SAM's own locked environment."""

import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.environments import python_of
from harness.errors import HarnessError

BUILT_TEMPLATE = "template.yaml"
_SECTIONS = ("build", "global")
_READERS: Mapping[str, Callable[[str], Any]] = {
    "samconfig.toml": tomllib.loads,
    "samconfig.yaml": yaml.safe_load,
    "samconfig.yml": yaml.safe_load,
}


def settings(template: Path) -> dict[str, Any]:
    """Return what configuration files beside a template have ``sam build`` do.

    Raises:
        HarnessError: a file is broken; ``sam build`` would fail, too.

    """
    found: dict[str, Any] = {}
    for name, read in _READERS.items():
        file = template.resolve().with_name(name)
        if not file.exists():
            continue
        try:
            default = (read(file.read_text()) or {}).get("default", {})
        except (ValueError, AttributeError, yaml.YAMLError) as error:
            raise HarnessError(f"{file}: {error}") from error
        read_by_build = {key: default[key] for key in _SECTIONS if key in default}
        if read_by_build:
            found[name] = read_by_build
    return found


def run(template: Path, build_dir: Path, *options: str | Path) -> None:
    """Build ``template`` into ``build_dir``.

    Raises:
        HarnessError: the build failed; holds SAM's own words.

    """
    python = python_of("sam")
    environment = os.environ | {
        "SAM_CLI_TELEMETRY": "0",
        # SAM looks for python3.13 and its pip on the path.
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    done = subprocess.run(
        [python.with_name("sam"), "build", "--template", template.resolve(),
         "--build-dir", build_dir, *options],
        env=environment, cwd=template.resolve().parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise HarnessError(f"sam build of {template} failed:\n{said}")


def template_only(template: Path, build_dir: Path, code_uris: Iterable[str]) -> None:
    """Write the template into ``build_dir`` as ``sam build`` does, and no code.

    The code directories are empty ones of the same names: what is in them does not
    show in the built template. ``code_uris`` are relative and lead nowhere upwards.
    """
    with tempfile.TemporaryDirectory(prefix="sam-build-") as base:
        for uri in code_uris:
            (Path(base) / uri).mkdir(parents=True, exist_ok=True)
        run(template, build_dir, "--base-dir", base)
    for function in build_dir.iterdir():
        if function.is_dir():
            shutil.rmtree(function)
