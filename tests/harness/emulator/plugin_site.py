"""A directory that makes LocalStack find our plugin when it is on its path."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import harness
from harness.environments import CACHE

HARNESS = Path(harness.__file__).parent
ENTRY_POINTS = HARNESS / "localstack" / "entry_points.txt"
# What runs inside LocalStack; changes of anything else need no new image.
PACKAGES = ("localstack", "iam")
MODULES = ("__init__.py", "errors.py", "processes.py")
METADATA = "Metadata-Version: 2.1\nName: harness-localstack\nVersion: 1\n"


def live() -> Path:
    """Return a directory for PYTHONPATH whose code is this source tree's, always.

    The directory's name follows from what it holds: LocalStack keeps an index of the
    entry points per path, and a new path for each start would cost it 0.4 s.
    """
    key = hashlib.sha256(f"{HARNESS}{ENTRY_POINTS.read_text()}".encode()).hexdigest()
    site = CACHE / "plugin" / key[:12]
    if not site.exists():
        site.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=site.parent))
        (draft / "harness").symlink_to(HARNESS)
        _describe(draft)
        try:
            os.rename(draft, site)  # noqa: PTH104 - replaces nothing that has content
        except OSError:
            shutil.rmtree(draft)  # another process was first
    return site


def copy_to(site: Path) -> None:
    """Copy the plugin to ``site``, for a container image."""
    (site / "harness").mkdir()
    for module in MODULES:
        shutil.copy(HARNESS / module, site / "harness")
    for package in PACKAGES:
        shutil.copytree(
            HARNESS / package,
            site / "harness" / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    _describe(site)


def _describe(site: Path) -> None:
    information = site / "harness_localstack-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    shutil.copy(ENTRY_POINTS, information)
