"""One artefact for all stages: what is unpacked is what was packed."""

from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.errors import HarnessError
from sam_harness.packaging.build import Artefact
from service import artefact


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the digest of a packed artefact, whose origin is gone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(project, "_current", project.find(tmp_path))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    built = tmp_path / ".harness" / "build" / "template-1"
    built.mkdir(parents=True)
    (built / "template.yaml").write_text("Resources: {}\n")
    made = Artefact("template-1", built / "template.yaml")
    monkeypatch.setattr(artefact, "build", lambda *_: made)
    assert artefact.main(["pack"]) == 0
    (built / "template.yaml").unlink()
    return (tmp_path / "output").read_text().strip().removeprefix("digest=")


def test_what_is_unpacked_is_what_was_packed(packed: str, tmp_path: Path) -> None:
    """The job that builds hands the digest on."""
    assert artefact.main(["unpack", "--digest", packed]) == 0

    file = tmp_path / ".harness" / "build" / "template-1" / "template.yaml"
    assert file.read_text() == "Resources: {}\n"


def test_another_artefact_is_refused(packed: str, tmp_path: Path) -> None:
    """Whatever was changed on the way; nothing of it is unpacked."""
    with (tmp_path / "artefact.tar").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(HarnessError, match=f"not {packed} that was built and tested"):
        artefact.main(["unpack", "--digest", packed])
    assert not (tmp_path / ".harness/build/template-1/template.yaml").exists()


def test_one_that_the_workflow_did_not_sign_is_refused(
    packed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gh` is asked about the file, the repository and the workflow."""
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit 1\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HarnessError, match="no attestation of octo/refunds/"):
        artefact.main(["unpack", "--digest", packed, "--attested", "octo/refunds"])

    assert (tmp_path / "asked").read_text().split() == [
        "attestation", "verify", "artefact.tar", "--repo", "octo/refunds",
        "--signer-workflow", "octo/refunds/.github/workflows/deploy.yml",
    ]  # fmt: skip
    assert not (tmp_path / ".harness/build/template-1/template.yaml").exists()


@pytest.mark.usefixtures("packed")
def test_without_gh_nothing_is_taken_for_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot run is no check."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HarnessError, match="gh is not there"):
        artefact.main(["unpack", "--attested", "octo/refunds"])


def test_without_the_file_it_is_said_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job that builds leaves it."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(HarnessError, match="comes from the job that builds"):
        artefact.main(["unpack"])
