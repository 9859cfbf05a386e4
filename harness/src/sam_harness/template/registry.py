"""What CloudFormation's registry says of a resource type, by cfn-lint's copy of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_POINTER = "/properties/"


@dataclass(frozen=True, slots=True)
class Registered:
    """A type: ``permissions`` of its handlers by ``create``, ``read``, ``update``, ….

    ``tagging``: those that its tags need. ``create_only``: properties, as ``A/B``, that
    cannot be changed in place: with another value the resource is replaced.
    """

    permissions: Mapping[str, frozenset[str]]
    tagging: frozenset[str] = field(default_factory=frozenset)
    create_only: frozenset[str] = field(default_factory=frozenset)


@cache
def registered(kind: str) -> Registered | None:
    """Return what is known of a type; None: it is in no registry that is known here."""
    # It takes a second to import, and most templates need none of it.
    from cfnlint.schema import (  # noqa: PLC0415 - as said
        PROVIDER_SCHEMA_MANAGER,
        ResourceNotFoundError,
    )

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    except ResourceNotFoundError:
        return None
    tagging = schema.get("tagging")
    pointers = (
        *schema.get("createOnlyProperties", ()),
        *schema.get("conditionalCreateOnlyProperties", ()),
    )
    return Registered(
        {
            name: frozenset(handler.get("permissions", ()))
            for name, handler in schema.get("handlers", {}).items()
            if name != "list"
        },
        frozenset(tagging.get("permissions", ()) if isinstance(tagging, dict) else ()),
        frozenset(pointer.removeprefix(_POINTER) for pointer in pointers),
    )


@cache
def stateful() -> frozenset[str]:
    """Return the types that cfn-lint takes for such as hold data."""
    listed = files("cfnlint") / "data" / "AdditionalSpecs" / "StatefulResources.json"
    return frozenset(json.loads(listed.read_bytes())["ResourceTypes"])


def declares(action: str) -> bool:
    """Tell whether a handler of an action's service declares that it needs it.

    AWS's service authorization reference lacks some that are asked for:
    https://github.com/aws-cloudformation/cfn-lint/issues/4280
    """
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415 - as above

    service = action.partition(":")[0].lower()
    types = PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")
    found = [registered(one) for one in types if service in one.lower()]
    return any(
        action in some for one in found if one for some in one.permissions.values()
    )
