"""Resolves CloudFormation's intrinsic functions to concrete values."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sam_harness.errors import HarnessError
from sam_harness.template.names import Identity, Place, Resource
from sam_harness.template.values import (
    PURE_FUNCTIONS,
    Path,
    Unknown,
    refers,
    refuse,
    substitute,
    text_of,
    values_of,
)

_NO_VALUE = object()
_BOOLEAN_FUNCTIONS = {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"}

# What functions raise that are written in a shape that CloudFormation does not know.
_MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_MACRO = (
    ": no macro is carried out here but the AWS::Include of a file on this machine: "
    "say its path as the Location"
)


class UnresolvableError(HarnessError):
    """Something has no value; ``path``: where in the template it stands."""

    def __init__(self, reason: str, path: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.path = path


@contextmanager
def _at(*path: str) -> Iterator[None]:
    try:
        yield
    except UnresolvableError:
        raise
    except HarnessError as error:
        raise UnresolvableError(str(error), path) from error
    except _MALFORMED as error:
        raise UnresolvableError(f"cannot be evaluated: {error!r}", path) from error


class Resolver:
    """One template with one set of parameter values."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
        place: Place,
        unknown: Unknown = refuse,
    ) -> None:
        self._template = template
        self._parameters = values_of(template, parameters, unknown)
        self._place = place
        self._unknown = unknown
        self._conditions: dict[str, bool] = {}
        self._open: list[str] = []  # what is being resolved now, against cycles
        # The container is kept with its path: an id may be given out again.
        self._paths: dict[int, tuple[Path, object]] = {}

    def template(self) -> dict[str, Any]:
        """Return the template without intrinsics and without conditional absentees.

        Raises:
            UnresolvableError: a value that cannot be known, a reference to nothing, a
                cycle, a function in no shape that CloudFormation knows.
        """
        resolved = dict(self._template)
        resolved.pop("Conditions", None)
        resolved.pop("Rules", None)
        for section in ("Resources", "Outputs"):
            if section in resolved:
                resolved[section] = self._section(section)
        return resolved

    def path_of(self, container: object) -> Path:
        """Return where a dict or list of the result stands in the unresolved one.

        Empty for what a function made (``Fn::FindInMap``, ``Fn::Split``).
        """
        return self._paths.get(id(container), ((), None))[0]

    def condition(self, name: str) -> bool:
        """Evaluate a named condition."""
        if name not in self._conditions:
            expression = (self._template.get("Conditions") or {}).get(name)
            if expression is None:
                raise HarnessError(f"no such condition in the template: {name}")
            with_name = f"condition {name}"
            self._enter(with_name)
            with _at("Conditions", name):
                self._conditions[name] = self.holds(expression)
            self._open.remove(with_name)
        return self._conditions[name]

    def holds(self, expression: object) -> bool:
        """Evaluate a condition expression."""
        match expression:
            case bool(result):
                pass
            case {"Condition": str(name)}:
                result = self.condition(name)
            case {"Fn::Not": [part]}:
                result = not self.holds(part)
            case {"Fn::And": list(parts)}:
                result = all(self.holds(part) for part in parts)
            case {"Fn::Or": list(parts)}:
                result = any(self.holds(part) for part in parts)
            case {"Fn::Equals": sides}:
                left, right = (text_of(self.value(side)) for side in sides)
                result = left == right
            case _:
                raise HarnessError(f"not a condition: {expression!r}")
        return result

    def value(self, source: Any, path: Path = ()) -> Any:  # noqa: ANN401 - JSON
        """Resolve ``source``, which stands at ``path`` in the template."""
        if isinstance(source, dict):
            if len(source) == 1:
                (name,) = source
                if name == "Ref" or str(name).startswith("Fn::"):
                    return self._call(name, source[name], (*path, name))
            result: Any = {}
            for key, item in source.items():
                value = self.value(item, (*path, key))
                if value is not _NO_VALUE:
                    result[key] = value
        elif isinstance(source, list):
            items = [self.value(item, (*path, i)) for i, item in enumerate(source)]
            result = [item for item in items if item is not _NO_VALUE]
        else:
            return source
        self._paths[id(result)] = (path, result)
        return result

    def _section(self, name: str) -> dict[str, Any]:
        section = {}
        for key, entry in self._template[name].items():
            # AWS::Include puts others in its place:
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html
            if key.startswith("Fn::"):
                continue
            with _at(name, key):
                condition = entry.get("Condition")
                if not isinstance(condition, str) or self.condition(condition):
                    section[key] = self.value(entry, (name, key))
        return section

    def _call(self, name: str, argument: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
        if name in _BOOLEAN_FUNCTIONS:
            return self.holds({name: argument})
        own: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._substitute,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._zones,
            "Fn::ImportValue": self._import,
        }
        if name in own:
            return own[name](argument)
        if name == "Fn::If":
            condition, *branches = argument
            chosen = 0 if self.condition(condition) else 1
            return self.value(branches[chosen], (*path, chosen + 1))
        if name not in PURE_FUNCTIONS:
            why = _MACRO if name == "Fn::Transform" else ""
            return self._unknown(f"cannot resolve {name} at {_dotted(path)}{why}")
        try:
            return PURE_FUNCTIONS[name](self.value(argument, path))
        except (IndexError, TypeError, ValueError) as error:
            said = f"{name} at {_dotted(path)}: {error}"
            # What resources give only looks right here.
            late = any(refers(argument, one) for one in self._template["Resources"])
            return f"<unknown: {said}>" if late else self._unknown(said)

    def _zones(self, argument: Any) -> list[str]:  # noqa: ANN401 - JSON
        region = self.value(argument) or self._place.region
        return [f"{region}{letter}" for letter in "abc"]

    def _import(self, argument: Any) -> Any:  # noqa: ANN401 - JSON
        export = self.value(argument)
        return self._unknown(
            f"another stack exports {export}, which cannot be known: put a parameter "
            "in the place of Fn::ImportValue"
        )

    def _ref(self, name: str) -> Any:  # noqa: ANN401 - JSON
        if name in self._parameters:
            return self._parameters[name]
        place = self._place
        pseudo = {
            "AWS::AccountId": place.account_id,
            "AWS::NoValue": _NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": place.partition,
            "AWS::Region": place.region,
            "AWS::StackId": place.stack_id,
            "AWS::StackName": place.stack_name,
            "AWS::URLSuffix": place.url_suffix,
        }
        if name in pseudo:
            return pseudo[name]
        return self._with_resource(name, lambda resource: resource.ref)

    def _attribute(self, argument: Any) -> Any:  # noqa: ANN401 - JSON
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        name, attribute = (str(self.value(part)) for part in parts)
        return self._with_resource(name, lambda found: found.attribute(attribute))

    def identity(self, name: str) -> Identity:
        """Return what a resource is called, whichever way others refer to it."""
        return self._with_resource(name, lambda it: Identity(it.name, it.arn, it.ref))

    def _with_resource[T](self, name: str, read: Callable[[Resource], T]) -> T:
        resource = self._template["Resources"].get(name)
        if resource is None:
            raise HarnessError(f"no such resource or parameter in the template: {name}")
        properties = resource.get("Properties") or {}

        def resolved(key: str) -> Any:  # noqa: ANN401 - JSON
            value = self.value(properties.get(key))
            return None if value is _NO_VALUE else value

        self._enter(f"resource {name}")
        try:
            return read(Resource(name, resource["Type"], resolved, self._place))
        finally:
            self._open.remove(f"resource {name}")

    def _enter(self, what: str) -> None:
        if what in self._open:
            raise HarnessError(f"circular reference: {' -> '.join(self._open)}")
        self._open.append(what)

    def _substitute(self, argument: Any) -> str:  # noqa: ANN401 - JSON
        text, local = (argument, {}) if isinstance(argument, str) else argument

        def lookup(name: str) -> object:
            if name in local:
                return self.value(local[name])
            return self._attribute(name) if "." in name else self._ref(name)

        return substitute(text, lookup)

    def _find_in_map(self, argument: list[Any]) -> Any:  # noqa: ANN401 - JSON
        name, top, second, *rest = (self.value(part) for part in argument)
        mappings = self._template.get("Mappings") or {}
        try:
            return self.value(mappings[name][str(top)][str(second)])
        except KeyError:
            if rest and "DefaultValue" in rest[0]:
                return rest[0]["DefaultValue"]
            return self._unknown(f"no entry {name}/{top}/{second} in Mappings")


def _dotted(path: Path) -> str:
    return ".".join(str(part) for part in path)
