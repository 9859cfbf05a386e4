"""What an operation needs that has no rule in `services`, and keys of those that have.

The action of its own name, by AWS's reference. Where no parameter names the resource as
its service says, it is not told which one the call is about: what depends on that is
refused, and so is what depends on condition keys that the request does not fill.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from sam_harness.iam.call import (
    Authorization,
    Call,
    MissingResource,
    UnknownOperation,
    arn_of,
    given,
    strings,
    tags,
)
from sam_harness.iam.reference import Action, actions, request_keys
from sam_harness.iam.service import Service

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_MAY_NAME_ONE = re.compile("role|profile", re.IGNORECASE)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+")
# The account and the region in an ARN, or an account anywhere else.
_ELSEWHERE = re.compile(r"arn:[\w-]+:[\w-]+:([\w-]*):(\d*):|\b(\d{12})\b")
# What the service, which is not known to it, tells IAM of a role that is passed.
_OF_A_PASSED_ROLE = ("iam:passedtoservice", "iam:associatedresourcearn")


def authorizations(call: Call, service: Service) -> Iterator[Authorization]:
    """Yield what the operation needs.

    Raises:
        UnknownOperation: AWS has no action of its name.
        MissingResource: it may be about what is in another account or region.
    """
    prefix, action = _action(call, service)
    name, said = f"{prefix}:{call.operation}", str(dict(call.parameters))
    if named := _named(call, service, action):
        yield from (Authorization(name, arn) for arn in named)
    else:
        yield _on_any(call, name, action, said)
    if action.passes_role and not call.parameters.get(service.passes):
        any_role = f"arn:{call.partition}:iam::{call.account}:role/*"
        named_otherwise = [any_role] if _MAY_NAME_ONE.search(said) else []
        for role in _ROLE.findall(said) or named_otherwise:
            yield Authorization(
                "iam:PassRole", role, formats=(role,), unknown=_OF_A_PASSED_ROLE
            )


def _named(call: Call, service: Service, action: Action) -> tuple[str, ...]:
    """Return the ARNs of what the call names, if they are such as the action is on."""
    formats = [_PLACEHOLDER.sub("*", one) for one in action.arns]
    kinds = {one.split(":", 5)[5].partition("*")[0] for one in formats}
    for parameter, form in service.names.items():
        said = call.parameters.get(parameter)
        names = (said,) if isinstance(said, str) and said else strings(said)
        arns = tuple(arn_of(call, one, form) for one in names)
        # An action on several kinds may need others besides, if it does not take any.
        fits = all(any(fnmatchcase(arn, one) for one in formats) for arn in arns)
        if arns and fits and (form == "{}" or len(kinds) == 1):
            return arns
    return ()


def _on_any(call: Call, name: str, action: Action, said: str) -> Authorization:
    for region, account, other in _ELSEWHERE.findall(said):
        if {region, account or other} - {"", call.region, call.account}:
            raise MissingResource(
                f"sam-harness cannot tell which resource {call.service}:"
                f"{call.operation} is about: it names another account or region"
            )
    formats = action.arns if action.needs_one else (*action.arns, "*")
    filled = tuple(_filled(call, one) for one in formats)
    keys = tuple(re.split("[/$<]", key)[0].lower() for key in action.keys)
    return Authorization(name, filled[0], formats=filled, unknown=keys)


def with_keys(call: Call, service: Service, needed: Authorization) -> Authorization:
    """Add the condition keys that are called as parameters are, and those of tags.

    The former to the operation's own action, and of services with a file here only.
    """
    prefix, _, name = needed.action.partition(":")
    known = actions(prefix).get(name)
    if not known or prefix not in {service.prefix, service.name}:
        return needed  # as iam:PassRole
    told = dict(needed.context)
    if name == call.operation and (service.rules or service.names):
        named = {one.lower(): one for one in (*call.members, *call.parameters)}
        ends = {key: key.removeprefix(f"{prefix}:").lower() for key in known.keys}
        keys = {key: named[end] for key, end in ends.items() if end in named}
        read = given(call, keys).items()
        # What is no scalar or list of them is not read.
        told = {k: v for k, v in read if v or not call.parameters.get(keys[k])} | told
    if "aws:TagKeys" in known.keys:
        told |= tags(call)
    heads = {key.partition("/")[0].lower() for key in told}
    unknown = tuple(key for key in needed.unknown if key not in heads)
    return replace(needed, context=told, unknown=unknown)


def unfilled(call: Call, needed: Authorization) -> Iterator[str]:
    """Yield how keys begin of which the mapping does not say what they are.

    AWS's reference lists them for the action. A request without tags has no key of
    them, whether the mapping knows its parameters or not.
    """
    told = {key.lower() for key in (*needed.context, *needed.absent)}
    has_tags = any(one.lower().startswith("tag") for one in call.parameters)
    if not has_tags or "aws:tagkeys" in told:
        told |= {"aws:tagkeys", "aws:requesttag/"}
    return (key for key in request_keys(needed.action) if key not in told)


def _filled(call: Call, arn_format: str) -> str:
    known = {
        "Partition": call.partition,
        "Region": call.region,
        "Account": call.account,
    }
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], "*"), arn_format)


def _action(call: Call, service: Service) -> tuple[str, Action]:
    for prefix in (service.prefix or call.prefix, service.name):
        if found := actions(prefix).get(call.operation):
            return prefix, found
    raise UnknownOperation(
        f"no IAM mapping for {call.service}:{call.operation}: AWS has no action of "
        "its name, and sam-harness does not know which one it needs"
    )
