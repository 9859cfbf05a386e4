"""What is put together without `sam build`, and what is left to it."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml

from harness import (
    assembly,
    assembly_plan,
    built_templates,
    dependencies,
    recipe,
    sources,
)
from harness.assembly_plan import Part
from harness.dependencies import Wanted
from harness.template.document import load

LOCKED = "one==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via -r in\n"


def _template(home: Path, **function: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    (home / "src").mkdir()
    (home / "src" / "requirements.txt").write_text(LOCKED)
    properties = {"Handler": "app.handler", "CodeUri": "src/", "Runtime": "python3.13"}
    return {
        "Resources": {
            "One": {
                "Type": "AWS::Serverless::Function",
                "Properties": properties | function,
            }
        }
    }


def _plan(home: Path, template: dict[str, Any]) -> list[Part] | None:
    path = home / "template.yaml"
    path.write_text(yaml.safe_dump(template))
    document = load(path)
    return assembly_plan.plan(document, sources.of_template(document))


def test_a_python_function_with_a_locked_manifest_is_put_together(
    tmp_path: Path,
) -> None:
    """Its dependencies follow from the manifest, its code is what is there."""
    parts = _plan(tmp_path, _template(tmp_path))

    assert parts is not None
    assert [part.files for part in parts] == [[PurePath("requirements.txt")]]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: one["Properties"].update(Runtime="nodejs22.x"),
        lambda one: one["Properties"].update(Architectures={"Ref": "Architecture"}),
        lambda one: one["Properties"].update(CodeUri="../other"),
        lambda one: one.update(Metadata={"BuildMethod": "makefile"}),
        lambda one: one.update(Type="AWS::Serverless::LayerVersion"),
    ],
)
def test_what_sam_builds_in_another_way_is_left_to_sam(
    spoil: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    """One such resource, and the whole template is."""
    (tmp_path / "other").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    (home / ".." / "other").mkdir(exist_ok=True)
    template = _template(home)
    template["Resources"]["Two"] = {
        "Type": "AWS::Serverless::Function",
        "Properties": dict(template["Resources"]["One"]["Properties"]),
    }
    spoil(template["Resources"]["Two"])

    assert _plan(home, template) is None


def test_a_parameter_stands_for_its_default(tmp_path: Path) -> None:
    """As it does for `sam build`; one without a default is left to SAM."""
    template = _template(tmp_path, Architectures=[{"Ref": "Architecture"}])
    declared = {"Type": "String", "Default": "arm64"}

    assert _plan(tmp_path, template) is None
    assert _plan(tmp_path, {**template, "Parameters": {"Architecture": declared}})


@pytest.mark.parametrize("manifest", ["one\n", "one==1.0\n", "-r more.txt\n", "-e .\n"])
def test_a_manifest_that_leaves_open_what_is_installed_is_left_to_sam(
    manifest: str, tmp_path: Path
) -> None:
    """What it installs tomorrow may be something else."""
    (tmp_path / "requirements.txt").write_text(manifest + LOCKED)

    assert dependencies.key_of(tmp_path, Wanted("python3.13", "arm64", {})) is None


def test_all_that_decides_the_dependencies_is_in_their_key(tmp_path: Path) -> None:
    """Manifest, runtime, architecture, and which of botocore's data stays."""
    manifest = tmp_path / "requirements.txt"
    usual = Wanted("python3.13", "arm64", {"sqs": None})
    keys = {dependencies.key_of(tmp_path, usual)}
    for other in (
        Wanted("python3.14", "arm64", {"sqs": None}),
        Wanted("python3.13", "x86_64", {"sqs": None}),
        Wanted("python3.13", "arm64", {"s3": None}),
        Wanted("python3.13", "arm64", {"sqs": ["SendMessage"]}),
    ):
        keys.add(dependencies.key_of(tmp_path, other))
    manifest.write_text(LOCKED)
    keys.add(dependencies.key_of(tmp_path, usual))

    assert len(keys) == 6


def test_code_in_the_place_of_an_installed_file_is_not_taken_for_a_dependency(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the code's file is gone, the installed one would have to be there."""
    monkeypatch.setattr(dependencies, "HOME", tmp_path / "kept")
    built = tmp_path / "built"
    (built / "one-1.0.dist-info").mkdir(parents=True)
    (built / "one-1.0.dist-info" / "RECORD").write_text("one.py,sha256=x,1\n")
    (built / "one.py").write_text("")

    assert not dependencies.keep("key", built, [PurePath("one.py")])
    assert dependencies.keep("key", built, [PurePath("app.py")])
    assert (tmp_path / "kept" / "key" / "code" / "one.py").samefile(built / "one.py")


def test_what_samconfig_tells_sam_build_is_left_to_sam(tmp_path: Path) -> None:
    """What it says of other commands, and of other environments, is not read."""
    template = _template(tmp_path)
    config = tmp_path / "samconfig.toml"

    config.write_text('[default.deploy.parameters]\nstack_name = "x"\n')
    assert _plan(tmp_path, template)

    config.write_text("[default.build.parameters]\nuse_container = true\n")
    assert not _plan(tmp_path, template)


def test_dependencies_are_kept_by_what_made_them(tmp_path: Path) -> None:
    """A changed step of the harness makes them anew, and nobody has to say so."""
    (tmp_path / "bytecode.py").write_text("x = 1")
    before = recipe.of(("bytecode",), tmp_path)
    recipe.of.cache_clear()
    (tmp_path / "bytecode.py").write_text("x = 2")

    assert recipe.of(("bytecode",), tmp_path) != before


@pytest.mark.parametrize(
    ("built", "is_found"),
    [("CodeUri: One", True), ("Location: ../../x.yaml", False), ("At: {}", False)],
)
def test_a_built_template_that_names_no_files_serves_anywhere(
    built: str, *, is_found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are named by where the template is: such a one serves there only."""
    monkeypatch.setattr(built_templates, "TEMPLATES", tmp_path / "kept")
    here, there, build = (tmp_path / name for name in ("here", "there", "build"))
    for directory in (here, there, build):
        directory.mkdir()
        (directory / "template.yaml").write_text("Resources: {}\n")
    (build / "template.yaml").write_text(built.format(here))

    assembly.note(here / "template.yaml", [], build)

    assert assembly.is_built(here / "template.yaml")
    assert assembly.is_built(there / "template.yaml") is is_found
