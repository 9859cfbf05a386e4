"""Layers are laid over one another, and are on the paths that Lambda has them on."""

import tempfile
from pathlib import Path

import pytest

from sam_harness.localstack.lambda_ import files


def layer(home: Path, files: dict[str, str]) -> Path:
    """Return a folder with these files."""
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    return home


def test_of_equal_files_the_last_layers_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is written into the layers, which other functions have as well."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    first = layer(tmp_path / "1", {"python/a.py": "first", "python/p/one.py": ""})
    second = layer(tmp_path / "2", {"python/a.py": "second", "python/p/two.py": ""})

    opt = files.lay([first, second], "name")

    assert (opt / "python/a.py").read_text() == "second"
    assert {file.name for file in (opt / "python/p").iterdir()} == {"one.py", "two.py"}
    assert (first / "python/a.py").read_text() == "first"
    assert files.lay([first, second], "name") == opt


def test_a_functions_own_paths_come_before_those_of_its_layers() -> None:
    """For imports, programs and libraries."""
    seen = files.variables(
        Path("/o"), "python3.12", {"PATH": "/bin", "PYTHONPATH": "/mine"}
    )

    assert seen == {
        "PYTHONPATH": "/mine:/o/python/lib/python3.12/site-packages:/o/python",
        "PATH": "/bin:/o/bin",
        "LD_LIBRARY_PATH": "/o/lib",
    }


@pytest.mark.parametrize("place", ["", "python", "python/lib/python3.12/site-packages"])
@pytest.mark.parametrize(
    ("version", "refused"),
    [("1.29.165", True), ("1.31.0", False), ("2.0", False)],
)
def test_an_sdk_that_knows_no_endpoint_url_would_call_aws(
    tmp_path: Path, place: str, version: str, *, refused: bool
) -> None:
    """Of a function's code, and of a layer; another package there means nothing."""
    text = f"import os\n\n__version__ = '{version}'\n"
    layer(tmp_path / place, {"botocore/__init__.py": text, "idna/__init__.py": "1.0"})

    told = files.calls_aws(tmp_path)

    assert bool(told) is refused
    assert (f"botocore {version}" in told) is refused
