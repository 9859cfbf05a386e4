"""Which files of a code directory count, and which handlers they have."""

import subprocess
from pathlib import Path

import pytest

from sam_harness.errors import HarnessError
from sam_harness.packaging import bytecode, sources
from sam_harness.template.document import load

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: python3.13}}}}
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: {{Handler: {handler}, CodeUri: src/}}
"""


def _code(home: Path, *files: str) -> Path:
    for file in files:
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text("x = 1\n")
    return home


def test_what_sam_leaves_out_is_not_part_of_the_code(tmp_path: Path) -> None:
    """By name, at any depth; a file is not left out for where it is."""
    code = _code(
        tmp_path, "app.py", "data/a.json", "a/__pycache__/x.py", "native.so", ".env"
    )

    assert [str(file) for file in sources.files(code)] == ["app.py", "data/a.json"]


@pytest.mark.parametrize(
    "name", [".app.py.swp", "app.py~", "4913", ".#app.py", "#app.py#", ".DS_Store"]
)
def test_editors_files_change_nothing(name: str, tmp_path: Path) -> None:
    """They come and go while a file is edited."""
    code = _code(tmp_path, "app.py")
    before = sources.digest([code])

    _code(tmp_path, name)

    assert sources.digest([code]) == before


def test_editors_files_are_dropped_where_sam_copied_them(tmp_path: Path) -> None:
    """Only those: a dependency may have such names."""
    code = _code(tmp_path / "code", "a/app.py", "a/app.py~")
    built = _code(tmp_path / "built", "a/app.py", "a/app.py~", "dependency/b~")

    sources.drop_editor_files(code, built)

    assert not (built / "a" / "app.py~").exists()
    assert (built / "a" / "app.py").exists()
    assert (built / "dependency" / "b~").exists()


@pytest.mark.parametrize(
    "change",
    [
        "echo 'x = 2' > app.py",
        "mv app.py other.py",
        "rm data/a.json",
        "touch new.py",
        "chmod +x app.py",
    ],
)
def test_every_change_of_the_code_is_another_content(
    change: str, tmp_path: Path
) -> None:
    """Edited, renamed, deleted, added, made executable."""
    code = _code(tmp_path, "app.py", "data/a.json")
    before = sources.digest([code])

    subprocess.run(change, shell=True, cwd=code, check=True)  # noqa: S602 - our own

    assert sources.digest([code]) != before


def test_a_module_that_does_not_compile_is_named_with_line_and_column(
    tmp_path: Path,
) -> None:
    """As editors and terminals make a link of it."""
    code = _code(tmp_path, "good.py", "bad.py")
    (code / "bad.py").write_text("x = 1\ndef f(:\n")

    with pytest.raises(HarnessError, match=rf"{code}/bad\.py:2:7: SyntaxError: "):
        bytecode.check_syntax(code)


def _check(folder: Path, handler: str, code: str) -> None:
    template = folder / "template.yaml"
    template.write_text(TEMPLATE.format(handler=handler))
    module = folder / "built" / "Orders" / "app" / "main.py"
    module.parent.mkdir(parents=True)
    module.write_text(code)
    sources.check_handlers(load(template), folder / "built")


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context): ...",
        "handler = print",
        "from elsewhere import handle as handler",
        "from elsewhere import *",
        r"handler = '\d'",
        "try: handler = 1\nexcept A, B: ...",  # Python 3.14's
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_handler_that_the_module_binds_is_found(code: str, tmp_path: Path) -> None:
    """However the name comes to be in the module."""
    _check(tmp_path, "app.main.handler", code)


@pytest.mark.parametrize(
    "handler", ["!Sub '${Entry}'", "elsewhere.handler, Layers: [!Ref Layer]"]
)
def test_a_handler_that_may_be_anywhere_is_not_missed(
    handler: str, tmp_path: Path
) -> None:
    """An intrinsic says where it is, or a layer may hold it."""
    _check(tmp_path, handler, "x = 1")


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("app.mian.handler", "its code has no module 'app.mian'"),
        ("app.main.handle", "main.py defines no 'handle'"),
        ("handler", "its code has no module 'handler'"),
    ],
)
def test_a_missing_handler_is_named_with_its_function_and_line(
    handler: str, said: str, tmp_path: Path
) -> None:
    """The message names the template's line, the function and what is missing."""
    with pytest.raises(HarnessError) as caught:
        _check(tmp_path, handler, "def handler(event, context): ...")

    assert "template.yaml:6: Orders:" in str(caught.value)
    assert said in str(caught.value)


def test_a_template_nests_others_at_any_depth(tmp_path: Path) -> None:
    """Each is named relative to the one that names it."""
    nests = "Resources: {{It: {{Type: {}, Properties: {{{}: {}}}}}}}"
    (tmp_path / "a" / "b").mkdir(parents=True)
    outer = tmp_path / "outer.yaml"
    outer.write_text(
        nests.format("AWS::Serverless::Application", "Location", "a/middle.yaml")
    )
    (tmp_path / "a" / "middle.yaml").write_text(
        nests.format("AWS::CloudFormation::Stack", "TemplateURL", "b/inner.yaml")
    )
    (tmp_path / "a" / "b" / "inner.yaml").write_text("Resources: {}")

    found = [each.path.name for each in sources.nested(load(outer))]

    assert found == ["middle.yaml", "inner.yaml"]


def test_code_that_is_an_archive_is_not_built(tmp_path: Path) -> None:
    """SAM uploads it as it is."""
    (tmp_path / "code.zip").touch()
    template = tmp_path / "template.yaml"
    template.write_text(
        TEMPLATE.format(handler="app.handler").replace("src/", "code.zip")
    )

    assert sources.of_template(load(template)) == []
