"""One unpacked copy of each code archive, whatever number of functions it is of."""

import tempfile
from pathlib import Path
from threading import Lock

from localstack.services.lambda_.invocation.lambda_models import S3Code

from harness.localstack_plugin.unpacking import Unpacked, unpack

_lock = Lock()
_last: list[Unpacked] = []


def share() -> None:
    """Have LocalStack unpack equal code once, and not for each function again."""
    S3Code.prepare_for_execution = _prepare


def _prepare(code: S3Code) -> None:
    location: Path = code.get_unzipped_code_location()
    with _lock:
        if location.exists():
            return
        location.parent.mkdir(parents=True, exist_ok=True)
        # Its own way to remove it, by the parent, leaves what a link points to.
        location.symlink_to(_unpacked(code), target_is_directory=True)


def _unpacked(code: S3Code) -> Path:
    name = str(code.code_sha256).replace("/", "_")
    home = Path(tempfile.gettempdir()) / "lambda" / "unpacked"
    kept = Unpacked(home / f"{name}.zip", home / name)
    if not kept.directory.exists():
        home.mkdir(parents=True, exist_ok=True)
        with kept.archive.open("wb") as archive:
            code._download_archive_to_file(archive)  # noqa: SLF001 - there is no other
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=home) as scratch:
            draft = Path(scratch) / "code"
            unpack(kept.archive, draft, _last[-1] if _last else None)
            draft.rename(kept.directory)
        for before in _last:
            before.archive.unlink(missing_ok=True)
        _last[:] = [kept]
    return kept.directory
