"""The image that the container emulator runs, made on this machine.

Two layers of images, each tagged by the content it is made of: the environments (lock
files, minutes at most), and on top the plugin (seconds). What the lock files name is
installed on this machine, for the engine's platform, and copied: nothing is downloaded
while Docker builds, so registries, proxies and certificates are uv's business alone.
The base is any Linux with glibc and Python 3.13.
"""

import contextlib
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, ImageNotFound
from testcontainers.core.docker_client import DockerClient

from sam_harness.cache import key_of
from sam_harness.emulator import environment
from sam_harness.environments import LOCKS, install_for
from sam_harness.errors import HarnessError

BASE_VARIABLE = "EMULATOR_BASE_IMAGE"
OFFICIAL_BASE = "python:3.13-slim"
# Made by .ci/docker-engine where no registry answers.
STAND_IN_BASE = "harness-base:debian-13"
ENVIRONMENTS = "harness-localstack-environments"
EMULATOR = "harness-localstack"
SITES = ("localstack", "lambda-runtime")
LABEL = "sam_harness.image"
KEPT = 3  # images of each kind that are left; older ones are removed
PLATFORMS = {
    "x86_64": "x86_64-manylinux_2_28",
    "amd64": "x86_64-manylinux_2_28",
    "aarch64": "aarch64-manylinux_2_28",
    "arm64": "aarch64-manylinux_2_28",
}


def ensure(client: DockerClient, on_progress: Callable[[str], None]) -> str:
    """Return the name of the emulator's image, building it when there is none.

    Raises:
        HarnessError: it cannot be built; holds the step and what it said.
    """
    with tempfile.TemporaryDirectory(prefix="harness-image-") as scratch:
        plugin = Path(scratch) / "plugin"
        plugin.mkdir()
        environment.copy_plugin_to(plugin)
        locks = [(LOCKS / f"{name}.txt").read_bytes() for name in SITES]
        recipe = _dockerfile(ENVIRONMENTS).read_bytes()
        environments = f"{ENVIRONMENTS}:{key_of(_wanted_base(), recipe, *locks)}"
        key = key_of(
            environments, _dockerfile(EMULATOR).read_bytes(), *_contents(plugin)
        )
        image = f"{EMULATOR}:{key}"
        if not _has(client, image):
            if not _has(client, environments):
                _build_environments(client, environments, Path(scratch), on_progress)
            on_progress(f"building the image {image}")
            _build(client, EMULATOR, image, {"ENVIRONMENTS": environments}, [plugin])
            _remove_old(client)
    return image


def _build_environments(
    client: DockerClient, tag: str, scratch: Path, on_progress: Callable[[str], None]
) -> None:
    base = _base(client, on_progress)
    machine = client.client.info()["Architecture"]
    if machine not in PLATFORMS:
        raise HarnessError(f"LocalStack's image cannot be built for {machine} machines")
    on_progress(f"building the image {tag} from {base} (once per lock file)")
    sites = [scratch / name for name in SITES]
    for site in sites:
        install_for(PLATFORMS[machine], LOCKS / f"{site.name}.txt", site)
    _build(client, ENVIRONMENTS, tag, {"BASE_IMAGE": base}, sites)


def _wanted_base() -> str:
    """Return the base that the environment asks for; empty: any will do."""
    return os.environ.get(BASE_VARIABLE, "")


def _base(client: DockerClient, on_progress: Callable[[str], None]) -> str:
    """Return the name of a base that the engine has; pulls one when it has none.

    Raises:
        HarnessError: there is none, and none can be pulled; says what to do.
    """
    wanted = _wanted_base()
    candidates = [wanted] if wanted else [OFFICIAL_BASE, STAND_IN_BASE]
    for name in candidates:
        if _has(client, name):
            return name
    name = candidates[0]
    on_progress(f"pulling the image {name}")
    try:
        client.client.images.pull(name)
    except DockerException as error:
        raise HarnessError(
            f"the image {name} is not here and cannot be pulled ({error}); "
            f"{BASE_VARIABLE} names another with Python 3.13 and venv"
        ) from None
    return name


def _build(
    client: DockerClient,
    kind: str,
    tag: str,
    arguments: Mapping[str, str],
    directories: list[Path],
) -> None:
    with tempfile.TemporaryFile() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            archive.add(_dockerfile(kind), "Dockerfile")
            for directory in directories:
                archive.add(directory, directory.name, filter=_owned_by_root)
        context.seek(0)
        steps = client.client.api.build(
            fileobj=context,
            custom_context=True,
            tag=tag,
            buildargs=dict(arguments),
            labels={LABEL: kind},
            rm=True,
            forcerm=True,
            decode=True,
        )
        _follow(tag, steps)


def _follow(tag: str, steps: Iterator[dict[str, Any]]) -> None:
    said = []
    try:
        for step in steps:
            said.append(step.get("stream", ""))
            if "error" in step:
                raise HarnessError(
                    f"the image {tag} cannot be built: {step['error'].strip()}\n"
                    + "".join(said)[-2000:].strip()
                )
    except DockerException as error:
        raise HarnessError(f"the image {tag} cannot be built: {error}") from error


def _remove_old(client: DockerClient) -> None:
    for kind in (EMULATOR, ENVIRONMENTS):
        images = client.client.images.list(filters={"label": f"{LABEL}={kind}"})
        images.sort(key=lambda image: image.attrs["Created"], reverse=True)
        for tag in [tag for image in images[KEPT:] for tag in image.tags]:
            # In use, or removed by another process meanwhile.
            with contextlib.suppress(APIError):
                client.client.images.remove(tag)


def _has(client: DockerClient, image: str) -> bool:
    try:
        client.client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _contents(directory: Path) -> Iterator[bytes | str]:
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            yield str(file.relative_to(directory))
            yield file.read_bytes()


def _dockerfile(kind: str) -> Path:
    name = "emulator" if kind == EMULATOR else "environments"
    return Path(__file__).with_name("dockerfiles") / f"{name}.Dockerfile"


def _owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode |= 0o555 if member.isdir() else 0o444
    return member
