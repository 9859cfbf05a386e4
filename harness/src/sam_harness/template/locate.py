"""From a place in the translated template to the line of the source that caused it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sam_harness.template.document import Document, Position
from sam_harness.template.sam import Translation
from sam_harness.template.values import Path, value_at

# What SAM calls the properties that it renames.
_SAM_NAMES = {
    "Body": "DefinitionBody",
    "Code": "CodeUri",
    "Content": "ContentUri",
    "StageDescription": "StageName",
    "TracingConfig": "Tracing",
}
_CONTAINERS = {"Properties", "Events", "Globals"}


def locate(source: Document, translation: Translation, path: Path) -> Position:
    """Return the position of what made ``path``, or of the resource around it."""
    existing = _existing(source, _cause(source, translation, path))
    while existing and existing[-1] in _CONTAINERS:
        existing = existing[:-1]
    return source.position(*existing)


def responsible(source: Document, translation: Translation, path: Path) -> str:
    """Return the resource of the source that ``path`` belongs to; none: empty.

    Of an API that SAM makes for events it is the function that has the event.
    """
    origin = translation.origins.get(str(path[1]), "") if len(path) > 1 else ""
    if not origin or origin in source["Resources"]:
        return origin
    return str(_cause(source, translation, path)[1])


def causing(source: Document, translation: Translation, path: Path) -> str:
    """Return the resource of the source that has what made ``path``; none: empty.

    Of an API's method it is the function whose event put it there.
    """
    cause = _cause(source, translation, path)
    return str(cause[1]) if len(cause) > 1 else ""


def _cause(source: Document, translation: Translation, path: Path) -> Path:
    if len(path) < 2 or path[0] != "Resources":
        return path
    logical_id, rest = str(path[1]), path[2:]
    origin = translation.origins.get(logical_id, logical_id)
    found = (
        _event_of_method(source, path)
        or _generated_event(source, origin, logical_id)
        or ("Resources", origin)
    )
    candidates = [(*found, *_renamed(rest)), (*found, *rest)]
    if policy := _policy_of_role(translation.template, path):
        candidates.append((*found, *policy))
    if found == ("Resources", origin):
        section = _section(source, origin)
        candidates += [("Globals", section, *_renamed(rest)[1:])] if section else []
    best = min(candidates, key=lambda each: len(each) - len(_existing(source, each)))
    if not _existing(source, best):
        # An event that makes SAM add an API to the template.
        apis = (
            at for at, it in _events(source) if it.get("Type") in {"Api", "HttpApi"}
        )
        best = next(apis, best)
    return best


def _existing(source: Mapping[str, Any], path: Path) -> Path:
    """Return the longest start of ``path`` that the source has."""
    value: Any = source
    for depth, part in enumerate(path):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return path[:depth] if depth > 1 else ()
    return path


def _renamed(rest: Path) -> Path:
    if len(rest) > 1 and rest[0] == "Properties":
        return ("Properties", _SAM_NAMES.get(str(rest[1]), rest[1]), *rest[2:])
    return rest


def _policy_of_role(template: Mapping[str, Any], path: Path) -> Path:
    """Return where a policy of a role that SAM made stands in its function."""
    match path[2:]:
        case ("Properties", "Policies", int(), "PolicyDocument", *rest):
            # SAM numbers what it makes: FunctionRolePolicy0 is the first of Policies.
            name = value_at(template, (*path[:5], "PolicyName"))
            number = re.search(r"Policy(\d+)$", str(name))
            if number:
                return ("Properties", "Policies", int(number[1]), *rest)
    return ()


def _section(source: Document, origin: str) -> str | None:
    """Return the part of Globals that a resource takes its defaults from."""
    kind = str(value_at(source, ("Resources", origin, "Type")))
    is_sam = kind.startswith("AWS::Serverless::")
    return kind.removeprefix("AWS::Serverless::") if is_sam else None


def _events(source: Document) -> Iterator[tuple[Path, dict[str, Any]]]:
    for logical_id, resource in source["Resources"].items():
        events = value_at(resource, ("Properties", "Events"))
        for name, event in (events if isinstance(events, dict) else {}).items():
            yield ("Resources", logical_id, "Properties", "Events", name), event


def _event_of_method(source: Document, path: Path) -> Path | None:
    """Return the event that put a method into an API's definition."""
    if "paths" not in path[2:-2]:
        return None
    at = path.index("paths", 2)
    route, verb = str(path[at + 1]), str(path[at + 2]).lower()
    verb = "any" if verb == "x-amazon-apigateway-any-method" else verb
    for event_path, event in _events(source):
        properties = event.get("Properties") or {}
        method = str(properties.get("Method", "")).lower()
        if (properties.get("Path"), method) == (route, verb):
            return event_path
    return None


def _generated_event(source: Document, origin: str, logical_id: str) -> Path | None:
    """Return the event that a mapping, rule or permission was generated from."""
    if logical_id == origin:
        return None
    for path, _ in _events(source):
        if path[1] == origin and logical_id.startswith(f"{origin}{path[-1]}"):
            return path
    return None
