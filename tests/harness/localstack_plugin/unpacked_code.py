"""One unpacked copy of each code archive, whatever number of functions it is of."""

import tempfile
from pathlib import Path
from threading import Lock
from typing import Any

from localstack.services.lambda_.invocation.lambda_models import S3Code
from localstack.utils.archives import unzip
from localstack.utils.files import chmod_r

_lock = Lock()


def share() -> None:
    """Have LocalStack unpack equal code once, and not for each function again."""
    S3Code.prepare_for_execution = _prepare


def _prepare(code: Any) -> None:  # noqa: ANN401 - LocalStack is untyped
    location: Path = code.get_unzipped_code_location()
    with _lock:
        if location.exists():
            return
        location.parent.mkdir(parents=True, exist_ok=True)
        # Its own way to remove it, by the parent, leaves what a link points to.
        location.symlink_to(_unpacked(code), target_is_directory=True)


def _unpacked(code: Any) -> Path:  # noqa: ANN401 - as above
    name = str(code.code_sha256).replace("/", "_")
    kept = Path(tempfile.gettempdir()) / "lambda" / "unpacked" / name
    if not kept.exists():
        draft = kept.with_name(f"{name}.draft")
        draft.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile() as archive:
            code._download_archive_to_file(archive)  # noqa: SLF001 - there is no other
            unzip(archive.name, str(draft))
        chmod_r(str(draft), 0o755)
        draft.rename(kept)
    return kept
