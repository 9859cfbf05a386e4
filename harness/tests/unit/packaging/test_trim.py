"""What follows SAM's build: trimmed, compiled, linked, zipped the same each time."""

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact, archives, finish

# PEP 552: bit 0 of the flags says hash-based, bit 1 that the source is checked.
UNCHECKED_HASH = (1).to_bytes(4, "little")


def _function(home: Path, name: str, code: str = "x = 1\n") -> Path:
    function = home / name
    for service in ("dynamodb", "sqs", "s3"):
        (function / "botocore" / "data" / service).mkdir(parents=True)
        (function / "botocore" / "data" / service / "api.json").write_text("{}")
    (function / "botocore" / "data" / "endpoints.json").write_text("{}")
    (function / "botocore" / "data" / "notes.json").write_text("{}")
    (function / "app.py").write_text(code)
    return function


def test_only_the_api_data_of_named_services_stays(tmp_path: Path) -> None:
    """Other services' data goes, what botocore always reads stays."""
    function = _function(tmp_path, "One")

    finish([function], {"dynamodb": None, "sqs": None})

    kept = {path.name for path in (function / "botocore" / "data").iterdir()}
    assert kept == {"dynamodb", "sqs", "endpoints.json"}


def test_api_data_keeps_what_a_client_reads(tmp_path: Path) -> None:
    """No documentation, no examples, no other service's endpoints; not compressed."""
    function = _function(tmp_path, "One")
    data = function / "botocore" / "data"
    api = {
        "metadata": {"endpointPrefix": "states", "documentation": "text"},
        "shapes": {"documentation": {"type": "string", "documentation": "text"}},
    }
    packed = data / "sqs" / "service-2.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(api).encode()))
    (data / "sqs" / "examples-1.json").write_text("{}")
    endpoints = {"partitions": [{"services": {"states": {"a": 1}, "other": {}}}]}
    (data / "endpoints.json").write_text(json.dumps(endpoints))

    finish([function], {"sqs": None})

    assert {path.name for path in (data / "sqs").iterdir()} == {
        "api.json",
        "service-2.json",
    }
    assert json.loads((data / "sqs" / "service-2.json").read_text()) == {
        "metadata": {"endpointPrefix": "states"},
        "shapes": {"documentation": {"type": "string"}},
    }
    assert json.loads((data / "endpoints.json").read_text()) == {
        "partitions": [{"services": {"states": {"a": 1}}}]
    }


def test_without_a_list_every_service_stays(tmp_path: Path) -> None:
    """A template that says nothing about botocore keeps all of it."""
    function = _function(tmp_path, "One")

    finish([function], {})

    assert (function / "botocore" / "data" / "s3").is_dir()


def test_a_service_that_botocore_does_not_know_is_an_error(tmp_path: Path) -> None:
    """A misspelt service would only be missed on Lambda."""
    with pytest.raises(HarnessError, match="dynamdb"):
        finish([_function(tmp_path, "One")], {"dynamdb": None})


def test_bytecode_is_never_checked_against_its_source(tmp_path: Path) -> None:
    """Time stamps do not survive the zip; a hash would be computed at every start."""
    function = _function(tmp_path, "One")

    finish([function], {})

    compiled = Path(importlib.util.cache_from_source(str(function / "app.py")))
    assert compiled.read_bytes()[4:8] == UNCHECKED_HASH


@pytest.mark.parametrize("others", [0, 50])
def test_a_module_that_does_not_compile_is_named(tmp_path: Path, others: int) -> None:
    """A syntax error stops the build, also of many, not the first invocation."""
    function = _function(tmp_path, "One", "def x(:\n")
    for number in range(others):
        (function / f"good_{number}.py").touch()

    with pytest.raises(HarnessError, match=r"app\.py") as raised:
        finish([function], {})

    assert "good_" not in str(raised.value)


def test_equal_functions_share_their_files_and_their_zip(tmp_path: Path) -> None:
    """Functions built from the same sources are compiled, zipped and sent once."""
    artefact = Artefact("key", tmp_path / "template.yaml")
    functions = [_function(tmp_path, name) for name in ("One", "Two")]
    functions.append(_function(tmp_path, "Other", "y = 2\n"))
    finish(functions, {})

    zips = archives(artefact)

    assert zips["One"] == zips["Two"] != zips["Other"]
    assert functions[0].joinpath("app.py").samefile(functions[1] / "app.py")


def test_equal_code_gives_the_same_zip_wherever_it_was_built(tmp_path: Path) -> None:
    """The zip's name is its content's hash, and the content holds no time or path."""
    names = set()
    for place in ("here", "there"):
        home = tmp_path / place
        finish([_function(home, "One")], {})
        names.add(archives(Artefact("key", home / "template.yaml"))["One"].name)

    assert len(names) == 1
