"""All that is known of an update before it is asked for: what it replaces first."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sam_harness.deploying.planning.submitted import (
    PLACE,
    Submitted,
    changed_values,
    code_of,
    previous,
    submitted,
    unreached_defaults,
    values_of,
)
from sam_harness.deploying.planning.versions import (
    VERSION,
    configuration,
    empty_versions,
    function_of,
    published,
)
from sam_harness.deploying.stage import drift, is_hidden
from sam_harness.environments import progress
from sam_harness.packaging.build import build
from sam_harness.template.document import load
from sam_harness.template.registry import registered, stateful
from sam_harness.template.values import value_at

# What also holds what nothing else has, or is known to others by its address.
_ALSO_STATEFUL = {
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::ECR::Repository",
    "AWS::Events::Archive",
    "AWS::SNS::Topic",
    "AWS::SSM::Parameter",
    "AWS::Timestream::Table",
}


def _is_stateful(kind: str) -> bool:
    return kind in _ALSO_STATEFUL or kind in stateful()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A resource that would be replaced or deleted; ``kept``: it outlives the update.

    ``stale``: functions that go on with the old one, for no version of them is new.
    """

    logical_id: str
    kind: str
    why: str
    kept: bool
    stale: tuple[str, ...] = ()

    @property
    def is_stateful(self) -> bool:
        """Tell whether something would be lost."""
        return _is_stateful(self.kind)

    def __str__(self) -> str:
        """Say it in one line."""
        end = "; the old one is kept, unused" if self.kept else ""
        if self.stale:
            names = ", ".join(self.stale)
            end += f"; no new version of {names} is published, so they use the old one"
        return f"{self.logical_id} ({self.kind}) would be {self.why}{end}"


def replaced(before: Submitted, after: Submitted) -> list[Replaced]:
    """Return what would be replaced, and what holds data and would be deleted.

    The stateful come first. What depends on the name of something replaced is replaced
    with it.
    """
    found: dict[str, str] = {}
    resources = dict(after.resources)
    while True:
        more = {
            name: why
            for name, old in before.resources.items()
            if name not in found and (why := _replaced(name, old, resources))
        }
        if not more:
            break
        found.update(more)
        resources = _renamed(after.resources, found)
    listed = [
        Replaced(
            name,
            before.resources[name]["Type"],
            why,
            _is_kept(before.resources[name], why),
            _stale(before, after, resources, name),
        )
        for name, why in found.items()
    ]
    return sorted(listed, key=lambda one: (not one.is_stateful, one.logical_id))


def _replaced(name: str, old: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    if old["Type"] == VERSION:
        return ""  # that is what versions are for
    new = now.get(name)
    if new is None:
        return "deleted" if _is_stateful(old["Type"]) else ""
    if new["Type"] != old["Type"]:
        return f"replaced: its type would be {new['Type']}"
    known = registered(old["Type"])
    changed = [
        path
        for path in sorted(known.create_only if known else ())
        if _property(old, path) != _property(new, path)
    ]
    return f"replaced: {', '.join(changed)} cannot be changed" if changed else ""


def _property(resource: Mapping[str, Any], path: str) -> object:
    return value_at(resource, ("Properties", *path.split("/")))


def _is_kept(resource: Mapping[str, Any], why: str) -> bool:
    policy = "DeletionPolicy" if why == "deleted" else "UpdateReplacePolicy"
    return bool(resource.get(policy) in {"Retain", "Snapshot"})


def _made_up(logical_id: str) -> str:
    return f"{PLACE.stack_name}-{logical_id}{PLACE.suffix}"


def _renamed(resources: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the resources with new made-up names for those that are replaced."""
    text = json.dumps(resources)
    for name in names:
        text = text.replace(_made_up(name), f"{_made_up(name)}-new")
    return dict(json.loads(text))


def _stale(
    before: Submitted, after: Submitted, renamed: Mapping[str, Any], name: str
) -> tuple[str, ...]:
    """Return which functions are configured with what is replaced, unpublished.

    The alias leads to a version that has the name from before: what is replaced is in
    no hash that the version's logical id is made of.
    """
    fresh = {function for function, _ in published(before, after)}
    resources = after.plain["Resources"].values()
    aliased = {function for one in resources if (function := function_of(one))}
    reference = re.compile(rf'"{name}"|\$\{{{name}[.}}]')
    return tuple(
        function
        for function in sorted(aliased - fresh & before.resources.keys())
        if reference.search(json.dumps(after.plain["Resources"][function]))
        and configuration(renamed[function])
        != configuration(before.resources[function])
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be lost, published for nothing, and ignored: see each module."""

    replaced: Sequence[Replaced]
    empty_versions: Mapping[str, Sequence[str]]
    unreached_defaults: Sequence[str]
    changed_values: Sequence[str]
    drift: Mapping[str, str]

    @classmethod
    def of(
        cls, template: Path, against: Path, told: Mapping[str, str], bucket: str | None
    ) -> Self:
        """Compare a template with what is deployed; ``told``: parameters passed.

        Against a stack that was kept, the artefact is built if it is not there.

        Raises:
            UsageError: a file is missing.
            HarnessError: one is no template, or the build is broken.
        """
        document, (deployed, kept) = load(template), previous(against)
        built = None
        if kept is not None:
            built = build(template, progress).template.parent
        old = values_of(deployed, kept or {}, {})
        shown = {name: told[name] for name in told if not is_hidden(document, name)}
        new_code, old_code = code_of(document, deployed, bucket, built)
        before = submitted(deployed, old, old_code)
        after = submitted(document, values_of(document, told, old), new_code)
        return cls(
            replaced(before, after),
            empty_versions(before, after),
            unreached_defaults(deployed, document, told, kept or {}),
            changed_values(shown, kept or {}),
            drift(deployed, kept or {}, shown),
        )
