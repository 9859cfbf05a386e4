"""What the artefact leaves out of libraries, and that nothing needs it."""

import json
import re
from pathlib import Path
from typing import Any

import botocore
import pytest

from sam_harness.errors import HarnessError
from sam_harness.packaging import trim
from sam_harness.packaging.trim import REPLACEMENTS, Replacement

INSTALLED = Path(botocore.__file__).parents[1]
API = {
    "operations": {
        "Send": {"input": {"shape": "Letter"}, "errors": [{"shape": "Lost"}]},
        "Receive": {"output": {"shape": "Letters"}},
    },
    "shapes": {
        "Letter": {"members": {"shape": {"shape": "Text"}, "to": {"shape": "Letter"}}},
        "Letters": {"member": {"shape": "Letter"}},
        "Lost": {"type": "structure"},
        "Text": {"type": "string", "enum": ["Letters"]},
    },
}


def _data(home: Path) -> Path:
    (home / "post").mkdir()
    (home / "post" / "service-2.json").write_text(json.dumps(API))
    return home


def test_only_the_listed_operations_and_their_shapes_stay(tmp_path: Path) -> None:
    """Through members, also of the shape itself; a repeat changes nothing."""
    data = _data(tmp_path)

    for _ in range(2):
        trim.lighten(data, {"post": ["Send"]})

    kept = json.loads((data / "post" / "service-2.json").read_text())
    assert set(kept["operations"]) == {"Send"}
    assert set(kept["shapes"]) == {"Letter", "Lost", "Text"}


def test_what_botocore_adds_to_a_service_is_not_taken_for_its_operations(
    tmp_path: Path,
) -> None:
    """Secrets Manager's data has such a file beside it."""
    data = _data(tmp_path)
    extras = {"version": 1.0, "merge": {"metadata": {"serviceId": "Post"}}}
    (data / "post" / "service-2.sdk-extras.json").write_text(json.dumps(extras))

    trim.lighten(data, {"post": ["Send"]})

    kept = (data / "post" / "service-2.sdk-extras.json").read_text()
    assert json.loads(kept) == extras


def test_without_operations_all_of_a_service_stay(tmp_path: Path) -> None:
    """A template may list services alone."""
    data = _data(tmp_path)

    trim.lighten(data, {"post": None})

    assert json.loads((data / "post" / "service-2.json").read_text()) == API


def test_an_operation_that_the_service_does_not_have_is_an_error(
    tmp_path: Path,
) -> None:
    """A misspelt operation would only be missed on Lambda."""
    with pytest.raises(HarnessError, match="Sent"):
        trim.lighten(_data(tmp_path), {"post": ["Sent"]})


@pytest.mark.parametrize("one", REPLACEMENTS, ids=lambda one: one.file)
def test_what_is_replaced_is_what_was_looked_at(one: Replacement) -> None:
    """Else: look at the new version, then change the digest or the replacement."""
    assert trim.is_known(one, INSTALLED / one.file)


def test_a_file_of_another_version_stays(tmp_path: Path) -> None:
    """Its content was not looked at."""
    file = tmp_path / REPLACEMENTS[0].file
    file.parent.mkdir(parents=True)
    file.write_text("changed = True\n")

    trim.replace_known(tmp_path)

    assert file.read_text() == "changed = True\n"


def test_every_docstring_class_that_botocore_imports_is_still_there() -> None:
    """And still is text that a method accepts as its docstring."""
    [docstrings] = [one for one in REPLACEMENTS if one.file.endswith("docstring.py")]
    there: dict[str, Any] = {}
    exec(docstrings.content, there)  # noqa: S102 - our own
    modules = (INSTALLED / "botocore").glob("*.py")
    imports = [
        found.split(", ")
        for module in modules
        for found in re.findall(
            r"from botocore.docs.docstring import (.+)", module.read_text()
        )
    ]

    assert len(imports) == 2
    for name in (name for names in imports for name in names):
        assert isinstance(there[name]("a", b=1), str)
