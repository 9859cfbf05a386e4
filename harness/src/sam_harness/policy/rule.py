"""What a rule is, and what it looks at: a template with one set of parameter values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sam_harness.iam.request import several
from sam_harness.project import Profile
from sam_harness.template.names import ANYWHERE, Identity
from sam_harness.template.resolver import Resolver
from sam_harness.template.values import Path

_UNKNOWN = "<unknown: "


def mapping(value: object) -> dict[str, Any]:
    """Return a mapping; an empty one where there is none, or none that is known."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[dict[str, Any]]:
    """Return the mappings of a list, or of one that stands alone."""
    return [item for item in several(value) if isinstance(item, dict)]


def known(value: object) -> bool:
    """Tell whether a value is there and needs nothing that only AWS can tell."""
    if isinstance(value, dict):
        return all(known(item) for item in value.values())
    if isinstance(value, list):
        return all(known(item) for item in value)
    text = str(value)
    return value is not None and _UNKNOWN not in text and "{{resolve:" not in text


@dataclass(frozen=True, slots=True)
class Element:
    """A resource of the template; ``properties`` are resolved."""

    logical_id: str
    kind: str
    properties: dict[str, Any]

    def at(self, *path: str | int) -> Path:
        """Return the path of a property."""
        return ("Resources", self.logical_id, "Properties", *path)

    def number(self, name: str, default: int) -> float | None:
        """Return a numeric property, or None when it cannot be known."""
        value = self.properties.get(name, default)
        try:
            return float(value)
        except (TypeError, ValueError):
            return None


class ResolvedTemplate:
    """The resources that one set of parameter values gives."""

    def __init__(
        self,
        source: Mapping[str, Any],
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
    ) -> None:
        """``source`` is the SAM template, ``template`` what SAM made of it."""
        self.source = source
        self.plain = template
        self._resolver = Resolver(
            template, parameters, ANYWHERE, lambda reason: f"{_UNKNOWN}{reason}>"
        )
        resources = self._resolver.template()["Resources"]
        self._elements = {
            name: Element(
                name, str(entry.get("Type")), mapping(entry.get("Properties"))
            )
            for name, entry in resources.items()
        }

    def elements(self, *kinds: str) -> Iterator[Element]:
        """Yield the resources of these types; of every type when none is named."""
        for element in self._elements.values():
            if not kinds or element.kind in kinds:
                yield element

    def path_of(self, container: object, otherwise: Path) -> Path:
        """Return where a dict or list inside an element's properties stands."""
        return self._resolver.path_of(container) or otherwise

    def identity(self, element: Element) -> Identity:
        """Return what an element is called."""
        return self._resolver.identity(element.logical_id)

    def find(self, reference: object, *kinds: str) -> Element | None:
        """Return the element that ``reference`` names, refers to or is the ARN of."""
        for element in self.elements(*kinds):
            if reference in self.identity(element):
                return element
        return None

    def is_written_as(self, element: Element, *kinds: str) -> bool:
        """Tell whether the SAM template has it, as one of these types or any."""
        written = self.source["Resources"].get(element.logical_id)
        return written is not None and (not kinds or written.get("Type") in kinds)

    def function(self, reference: object) -> Element | None:
        """Return the function of a name or ARN, with or without alias or version."""
        text = str(reference)
        unqualified = text.rpartition(":")[0]
        kind = "AWS::Lambda::Function"
        return self.find(text, kind) or self.find(unqualified, kind)

    def is_open(self, path: Path) -> bool:
        """Tell whether only AWS can tell what stands at ``path``, or around it."""
        element = self._elements.get(str(path[1]))
        value: Any = element.properties if element else None
        for part in path[3:]:
            if isinstance(value, str):
                break
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return False
        return str(value).startswith(_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that breaks a rule; ``path`` is in the translated template."""

    path: Path
    message: str


type Check = Callable[[ResolvedTemplate], Iterator[Violation]]


class Holds(Enum):
    """For which parameter values a rule must hold."""

    ALWAYS = "with any parameter values"
    SOMEWHERE = "with at least one set of parameter values, as on production"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the pack."""

    id: str
    profile: Profile
    sentence: str
    check: Check
    holds: Holds


def rule(
    rule_id: str, profile: Profile, holds: Holds = Holds.ALWAYS
) -> Callable[[Check], Rule]:
    """Make a rule of the check that is defined below; its docstring is the sentence."""
    return lambda check: Rule(rule_id, profile, check.__doc__ or "", check, holds)
