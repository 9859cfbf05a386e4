"""The artefact is, to the byte, what SAM builds, trimmed and compiled."""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from sam_harness import project
from sam_harness.packaging import sam_build, sources
from sam_harness.packaging.build import Artefact, archives, build, finish
from sam_harness.template.document import load

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, CodeUri: src/, Handler: app.main.handler}}
Resources:
  One: {Type: AWS::Serverless::Function}
  Two: {Type: AWS::Serverless::Function}
  Other:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: other, Handler: app.handler, Description: before}
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: x, DefinitionUri: api.yaml}
"""
HANDLER = "def handler(event, context):\n    return {}\n"


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the build an empty cache, but for the environments, which take minutes."""
    now = project.current()
    kept = tmp_path / "kept"
    kept.mkdir()
    (now.cache / "env").mkdir(parents=True, exist_ok=True)
    (kept / "env").symlink_to(now.cache / "env")
    monkeypatch.setattr(project, "current", lambda: replace(now, cache=kept))


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return a template with two code directories, one with a locked dependency."""
    home = tmp_path / "service"
    for folder in ("src/app/deep", "other"):
        (home / folder).mkdir(parents=True)
    (home / "template.yaml").write_text(TEMPLATE)
    (home / "api.yaml").write_text("openapi: 3.0.1\ninfo: {title: x}\npaths: {}\n")
    (home / "src" / "app" / "main.py").write_text(HANDLER.format('"before"'))
    (home / "src" / "app" / "gone.py").write_text("x = 1\n")
    (home / "src" / "app" / "deep" / "data.json").write_text("{}")
    (home / "src" / "native.so").write_text("left out by SAM")
    (home / "other" / "app.py").write_text(HANDLER.format("1"))
    wheel = _wheel(tmp_path)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirement = f"dep @ {wheel.as_uri()} --hash=sha256:{digest}\n"
    (home / "src" / "requirements.txt").write_text(requirement)
    return home / "template.yaml"


def test_the_artefact_is_what_sam_builds(service: Path, tmp_path: Path) -> None:
    """Also after files were edited, added, renamed, made executable, and the template.

    SAM's own build is trimmed and compiled as the artefact is.
    """
    said: list[str] = []
    first = build(service, said.append)
    assert _content(first) == _content(_by_sam(service, tmp_path / "first" / "build"))
    code = service.parent / "src" / "app"
    (code / "main.py").write_text(HANDLER.format("{'a': frozenset((1, 'x'))}"))
    (code / "gone.py").rename(code / "deep" / "new.py")
    (code / "deep" / "new.py").chmod(0o755)
    (code / ".main.py.swp").write_text("an editor's")
    (service.parent / "src" / "dep.py").write_text("hides = 'an installed module'")
    edited = build(service, said.append)
    assert said == ["building the artefact (sam build)"]  # the first one only
    service.write_text(TEMPLATE.replace("before", "after"))

    together = build(service)

    by_sam = _by_sam(service, tmp_path / "second" / "build")
    assert _content(together) == _content(by_sam)
    zips = {name: path.name for name, path in archives(together).items()}
    assert {name: path.name for name, path in archives(by_sam).items()} == zips
    assert zips == {name: path.name for name, path in archives(edited).items()}
    assert zips["One"] == zips["Two"] != zips["Other"]
    assert together.code_of("One").joinpath("app/deep/data.json").exists()
    assert first.code_of("One").joinpath("dep.py").read_text() == "x = 1\n"


def test_a_manifest_that_is_saved_while_sam_builds_is_not_mistaken_for_the_former(
    service: Path,
) -> None:
    """What was built meanwhile may be half of each: it is built again, and not kept."""
    manifest = service.parent / "src" / "requirements.txt"
    former = manifest.read_text()

    def save(_progress: str) -> None:
        manifest.write_text("")

    later = build(service, save)
    manifest.write_text(former)
    first = build(service)

    assert not later.code_of("One").joinpath("dep.py").exists()
    assert first.code_of("One").joinpath("dep.py").exists()


def _by_sam(template: Path, home: Path) -> Artefact:
    """Return what `sam build` makes of a template, finished; as deep as in a cache."""
    root = home / "by-sam"
    sam_build.run(template, root)
    document = load(template)
    for code in sources.of_template(document):
        sources.drop_editor_files(code.directory, root / code.logical_id)
    functions = sorted(path for path in root.iterdir() if path.is_dir())
    finish(functions, {})
    return Artefact("by-sam", root / "template.yaml")


def _content(artefact: Artefact) -> dict[str, tuple[bytes, int]]:
    root = artefact.template.parent
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mode & 0o111)
        for path in root.rglob("*")
        if path.is_file() and (path.parent != root or path == artefact.template)
    }


def _wheel(home: Path) -> Path:
    information = "dep-1.0.dist-info"
    wheel = home / "dep-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as writer:
        writer.writestr("dep.py", "x = 1\n")
        writer.writestr(f"{information}/METADATA", "Name: dep\nVersion: 1.0\n")
        writer.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"
        )
        writer.writestr(f"{information}/RECORD", "dep.py,,\n")
    return wheel
