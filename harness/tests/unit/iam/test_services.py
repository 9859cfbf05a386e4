"""The services that the harness knows are the modules of one folder."""

from pathlib import Path
from uuid import uuid4

import pytest

from sam_harness.errors import HarnessError
from sam_harness.iam.service import Service
from sam_harness.iam.services import found, named, of_action

OTHER = """
from sam_harness.iam.service import Service

SERVICE = Service(name="other")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a package that can be imported."""
    folder = tmp_path / f"services_{uuid4().hex}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_a_module_in_the_folder_is_a_service(package: Path) -> None:
    """No list names it besides."""
    (package / "other.py").write_text(OTHER)

    [service] = found([str(package)], package.name)

    assert service.name == "other"


def test_a_module_that_defines_no_service_is_named(package: Path) -> None:
    """It is not left out in silence."""
    (package / "forgotten.py").write_text("RULES = {}")

    with pytest.raises(HarnessError, match=r"forgotten defines no SERVICE"):
        list(found([str(package)], package.name))


def test_nothing_is_known_of_a_service_without_a_module() -> None:
    """Neither by its name nor by an action."""
    assert named("ec2").rules == {}
    assert of_action("ec2:RunInstances") == Service(name="ec2")
