"""A template file as data, with the line of every value kept."""

from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from sam_harness.errors import HarnessError, UsageError
from sam_harness.template.values import Path as Place
from sam_harness.template.values import walk

_SECTIONS = {
    "Conditions",
    "Globals",
    "Mappings",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
}


class Position(NamedTuple):
    """Where something stands in a file; both count from 1."""

    line: int
    column: int


class Document(dict[str, Any]):
    """A parsed template; ``position`` finds the line of a path in it."""

    def __init__(self, path: Path, data: dict[str, Any], root: yaml.Node) -> None:
        super().__init__(data)
        self.path = path
        self._root = root

    def position(self, *path: str | int) -> Position:
        """Return where ``path`` stands, or the deepest part of it that exists."""
        node, mark = self._root, self._root.start_mark
        for part in path:
            if node.tag == f"!{str(part).removeprefix('Fn::')}":
                continue  # the "Fn::If" of "!If [...]" has no node
            found = _child(node, part)
            if found is None:
                break
            named, node = found
            mark = named.start_mark
        return Position(mark.line + 1, mark.column + 1)


def load(path: Path) -> Document:
    """Read a YAML or JSON template.

    Raises:
        UsageError: there is no such file.
        HarnessError: it is not a template; the message starts FILE:LINE:COLUMN.
    """
    return parse(_text(path), path)


def parse(text: str, path: Path) -> Document:
    """Return a template's text as a Document; ``path``: where it is said to be.

    Raises:
        HarnessError: it is not a template; the message starts FILE:LINE:COLUMN.
    """
    data, root = _parse(text, path)
    if not isinstance(data, dict) or not isinstance(data.get("Resources"), dict):
        raise HarnessError(f"{path}:1:1: not a template: it has no Resources mapping")
    document = Document(path, data, root)
    for place, wrong in _misshapen(data):
        line, column = document.position(*place)
        raise HarnessError(f"{path}:{line}:{column}: {place[-1]}: {wrong}")
    # Among resources, outputs, properties, ….
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
    for place, _ in walk(data):
        if place and str(place[-1]).startswith("Fn::ForEach::"):
            line, column = document.position(*place)
            raise HarnessError(
                f"{path}:{line}:{column}: {place[-1]} of AWS::LanguageExtensions is "
                "not expanded here: write out what it makes"
            )
    return document


def _misshapen(data: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield sections and what is in them that no command can read, and why."""
    for section in sorted(_SECTIONS & data.keys()):
        entries = data[section] or {}
        if not isinstance(entries, dict):
            yield (section,), "it is no mapping"
            continue
        for name, entry in entries.items():
            if str(name).startswith("Fn::"):  # as AWS::Include puts others in its place
                continue
            if not isinstance(entry, dict):
                yield (section, name), "it is no mapping"
            elif section == "Resources" and not isinstance(entry.get("Type"), str):
                yield (section, name), "it has no Type"


def read(path: Path) -> object:
    """Read a YAML or JSON file that a template refers to; raises as ``load`` does."""
    return _parse(_text(path), path)[0]


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with CloudFormation's tags and without dates."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # PyYAML says that it cannot be one
            # "<<" may come twice; what it merges may be overridden.
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key.value!r}", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise HarnessError(f"{path}:1:1: it is not UTF-8 text") from error


def _parse(text: str, path: Path) -> tuple[object, yaml.Node]:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise HarnessError(f"{path}:1:1: the file is empty")
        return loader.construct_document(root), root
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise HarnessError(f"{path}:{where}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise HarnessError(f"{path}:1:1: {error}") from error
    finally:
        loader.dispose()


def _as_written(loader: _Loader, node: yaml.ScalarNode) -> str:
    """Keep ``2012-10-17`` text, as CloudFormation does."""
    return str(loader.construct_scalar(node))


# It gives ``!Sub x`` the form that JSON templates have: ``{"Fn::Sub": x}``.
_Loader.add_multi_constructor("!", intrinsics_multi_constructor)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_written)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the node that names ``part`` (for its position) and its value."""
    if isinstance(node, yaml.MappingNode):
        # The last of two keys wins: a merged mapping comes before the own keys.
        for key, value in reversed(node.value):
            if key.value == str(part):
                return key, value
    if (
        isinstance(node, yaml.SequenceNode)
        and isinstance(part, int)
        and part < len(node.value)
    ):
        return node.value[part], node.value[part]
    return None
