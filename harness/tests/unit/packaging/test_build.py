"""What SAM need not see the code of, what it builds whole, and what is kept."""

import copy
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

import pytest
import yaml

from sam_harness.packaging import build, sam_build, sources
from sam_harness.packaging.sam_build import Part
from sam_harness.template.document import load

LOCKED = "one==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via -r in\n"


def _template(home: Path, **function: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    (home / "src").mkdir(exist_ok=True)
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


def _plan(home: Path, template: dict[str, Any]) -> list[Part]:
    path = home / "template.yaml"
    path.write_text(yaml.safe_dump(template))
    document = load(path)
    return sam_build.plan(document, sources.of_template(document), home / "kept")


def test_a_python_function_with_a_locked_manifest_is_put_together(
    tmp_path: Path,
) -> None:
    """Its dependencies follow from the manifest, its code is what is there."""
    parts = _plan(tmp_path, _template(tmp_path))

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

    assert _plan(home, template) == []


def test_a_parameter_stands_for_its_default(tmp_path: Path) -> None:
    """As it does for `sam build`; one without a default is left to SAM."""
    template = _template(tmp_path, Architectures=[{"Ref": "Architecture"}])
    declared = {"Type": "String", "Default": "arm64"}

    assert _plan(tmp_path, template) == []
    assert _plan(tmp_path, {**template, "Parameters": {"Architecture": declared}})


@pytest.mark.parametrize("manifest", ["one\n", "one==1.0\n", "-r more.txt\n", "-e .\n"])
def test_a_manifest_that_leaves_open_what_is_installed_is_left_to_sam(
    manifest: str, tmp_path: Path
) -> None:
    """What it installs tomorrow may be something else."""
    template = _template(tmp_path)
    (tmp_path / "src" / "requirements.txt").write_text(manifest + LOCKED)

    assert _plan(tmp_path, template) == []


def test_all_that_decides_the_dependencies_is_in_their_key(tmp_path: Path) -> None:
    """Manifest, runtime, architecture, and which of botocore's data stays."""
    usual = _template(tmp_path)

    def key(services: object = None, **function: object) -> Path:
        template = copy.deepcopy(usual)
        template["Resources"]["One"]["Properties"] |= function
        if services:
            template["Metadata"] = {"Harness": {"BotocoreServices": services}}
        [part] = _plan(tmp_path, template)
        return part.kept

    keys = {
        key(),
        key(Runtime="python3.14"),
        key(Architectures=["arm64"]),
        key(["sqs"]),
        key(["s3"]),
        key({"sqs": ["SendMessage"]}),
    }
    (tmp_path / "src" / "requirements.txt").write_text("")

    assert len({*keys, key()}) == 7


def test_the_code_takes_the_place_of_an_installed_file_in_the_artefact_only(
    tmp_path: Path,
) -> None:
    """When the code's file is gone, the installed one is there again."""
    [part] = _plan(tmp_path, _template(tmp_path))
    installed = part.dependencies / "one.py"
    installed.parent.mkdir(parents=True)
    installed.write_text("installed = True")
    own = part.code.directory / "one.py"
    own.write_text("own = True")
    [part] = _plan(tmp_path, _template(tmp_path))

    build.put_together([part], tmp_path / "built")

    assert (tmp_path / "built" / "One" / "one.py").read_text() == "own = True"
    assert installed.read_text() == "installed = True"


def test_what_samconfig_tells_sam_build_is_left_to_sam(tmp_path: Path) -> None:
    """What it says of other commands, and of other environments, is not read."""
    template = _template(tmp_path)
    config = tmp_path / "samconfig.toml"

    config.write_text('[default.deploy.parameters]\nstack_name = "x"\n')
    assert _plan(tmp_path, template)

    config.write_text("[default.build.parameters]\nuse_container = true\n")
    assert not _plan(tmp_path, template)


def test_the_form_of_a_template_is_kept_for_its_place(tmp_path: Path) -> None:
    """SAM's form of it names files relative to where it is."""
    keys = set()
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        template = tmp_path / place / "template.yaml"
        template.write_text("Resources: {}\n")
        keys.add(sam_build.template_key(template))

    assert len(keys) == 2
